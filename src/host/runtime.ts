import { suite } from '#crypto';
import { fromHex, toHex, utf8 } from '../bytes.ts';
import type { Runtime } from '../client/runtime.ts';
import type { DhKey, MaybePromise } from '../crypto/suite.ts';
import { DongleError } from '../errors.ts';
import { ticketBytes } from '../protocol/channel/index.ts';
import { holdDongle } from './hold-dongle.ts';
import { machineIds } from './machine-id.ts';
import { inspectDevice } from './neighbours.ts';
import { defaultStateFolder, StateFolder } from './state-files.ts';

/** Keeps the tickets of a runtime elsewhere than in files. */
export interface TicketStore {
  /** The ticket of the dongle with this name; see `Runtime`. */
  ticket(dongle: string): MaybePromise<Uint8Array | undefined>;
  /** Must not return before the ticket is safe. */
  keepTicket(dongle: string, ticket: Uint8Array): MaybePromise<void>;
}

/** How the runtime of this machine is opened. */
export interface RuntimeOptions {
  /**
   * Where its key and its tickets are; unless given, `$LATCHKEY_STATE`, else
   * `$XDG_STATE_HOME/latchkey`, else `~/.local/state/latchkey`, or what the system has for that.
   */
  readonly folder?: string;
  /** In place of the key in the folder. */
  readonly key?: DhKey;
  /** In place of the tickets in the folder. */
  readonly tickets?: TicketStore;
}

const privateKeyBytes = 32;
const keyName = 'key';

/**
 * The runtime that this machine is to dongles, with the key and tickets of its folder; they are made
 * at the first time. Each call is another instance of it: a service opens it once.
 *
 * @throws DongleError `FILE_FAILED` where a file cannot be used or is damaged; it is left as it is
 */
export async function openRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const { folder: path = defaultStateFolder() } = options;
  let folder: StateFolder | undefined;
  const open = async () => {
    folder ??= await StateFolder.open(path);
    return folder;
  };
  const key = options.key ?? (await keyIn(await open()));
  const tickets = options.tickets ?? ticketsIn(await open());
  return {
    key,
    instance: suite.randomBytes(16),
    machine: await machineIds(),
    ticket: (dongle) => tickets.ticket(dongle),
    keepTicket: (dongle, ticket) => tickets.keepTicket(dongle, ticket),
    hold: (dongle, visitor) => holdDongle(dongle, key, visitor),
    inspect: inspectDevice,
  };
}

async function keyIn(folder: StateFolder): Promise<DhKey> {
  let text = await folder.read(keyName);
  if (text === undefined) {
    await folder.create(keyName, encodeSecret('key', suite.randomBytes(privateKeyBytes)));
    // Another program may have made it first.
    text = (await folder.read(keyName)) ?? '';
  }
  const secret = decodeSecret('key', text);
  if (secret?.length !== privateKeyBytes) {
    throw damaged(folder.pathOf(keyName), 'this machine is a new runtime, to every dongle');
  }
  return suite.importDhKey(secret);
}

function ticketsIn(folder: StateFolder): TicketStore {
  // A serial may have characters that a file's name cannot.
  const nameOf = (dongle: string) => `ticket-${toHex(utf8(dongle))}`;
  return {
    async ticket(dongle) {
      const text = await folder.read(nameOf(dongle));
      if (text === undefined) return undefined;
      const secret = decodeSecret(`ticket ${dongle}`, text);
      if (secret?.length === ticketBytes) return secret;
      throw damaged(
        folder.pathOf(nameOf(dongle)),
        `this machine is a new runtime, to the dongle ${dongle}`,
      );
    },
    keepTicket: (dongle, ticket) =>
      folder.replace(nameOf(dongle), encodeSecret(`ticket ${dongle}`, ticket)),
  };
}

/** A file's text: what it is, the secret, and a checksum over both. */
function encodeSecret(what: string, secret: Uint8Array): string {
  return `latchkey ${what}\n${toHex(secret)}\n${checksum(what, secret)}\n`;
}

function decodeSecret(what: string, text: string): Uint8Array | undefined {
  const hex = text.split('\n')[1] ?? '';
  if (!/^([0-9a-f]{2})+$/.test(hex)) return undefined;
  const secret = fromHex(hex);
  return text === encodeSecret(what, secret) ? secret : undefined;
}

function checksum(what: string, secret: Uint8Array): string {
  return toHex(suite.sha256(utf8(`${what} ${toHex(secret)}`)).subarray(0, 8));
}

function damaged(path: string, consequence: string): DongleError {
  return new DongleError(
    'FILE_FAILED',
    `${path} is damaged; put a copy back, or remove it, and then ${consequence}.`,
  );
}
