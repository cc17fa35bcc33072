import { DongleError } from '../errors.ts';
import { readWhole } from '../host/whole-file.ts';

/** No passphrase is longer, in bytes. */
const longestPassphrase = 1024;

/** Where the passphrase may come from. */
export interface PassphraseOptions {
  readonly passphraseFile?: string;
}

/** How `--passphrase-file` is called and explained. */
export const passphraseOption = [
  '--passphrase-file <file>',
  'a file with the passphrase of the keys (default: $LATCHKEY_PASSPHRASE, or asked on the terminal)',
] as const;

/**
 * The passphrase of a vendor's keys.
 *
 * @param purpose - `choose` asks twice, as nobody sees what is typed
 * @throws DongleError `INVALID_ARGUMENT` where nobody can be asked
 */
export async function passphraseFrom(
  { passphraseFile }: PassphraseOptions,
  purpose: 'open' | 'choose' = 'open',
): Promise<string> {
  if (passphraseFile !== undefined) {
    const text = new TextDecoder().decode(await readWhole(passphraseFile, longestPassphrase));
    // An editor ends the line; that is no part of it.
    return text.replace(/\r?\n$/, '');
  }
  const { LATCHKEY_PASSPHRASE } = process.env;
  if (LATCHKEY_PASSPHRASE !== undefined && LATCHKEY_PASSPHRASE !== '') return LATCHKEY_PASSPHRASE;
  if (!process.stdin.isTTY) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      'The vendor’s keys need their passphrase: set LATCHKEY_PASSPHRASE, or give --passphrase-file.',
    );
  }
  const passphrase = await ask('Passphrase of the vendor’s keys: ');
  if (purpose === 'choose' && (await ask('The same again: ')) !== passphrase) {
    throw new DongleError('INVALID_ARGUMENT', 'The two passphrases differ; try again.');
  }
  return passphrase;
}

/** Asks on the terminal, which shows nothing of what is typed. */
function ask(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  return new Promise((resolve, reject) => {
    let typed = '';
    const finish = (end: () => void) => {
      stdin.off('data', read);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
      end();
    };
    const read = (text: string) => {
      for (const character of text) {
        if (character === '\r' || character === '\n') return finish(() => resolve(typed));
        // Ctrl-C and Ctrl-D, which a raw terminal hands on.
        if (character === '\x03' || character === '\x04') {
          const aborted = new DongleError('ABORTED', 'No passphrase was given; nothing was done.');
          return finish(() => reject(aborted));
        }
        if (character === '\x7f' || character === '\b') typed = [...typed].slice(0, -1).join('');
        else typed += character;
      }
    };
    stdin.on('data', read);
  });
}
