import { concatBytes, equalBytes, utf8 } from '../bytes.ts';
import type { RsaNumbers } from '../crypto/rsa.ts';
import type { DhKey, MaybePromise } from '../crypto/suite.ts';
import { rsaNumbersSchema } from './keys.ts';
import { createHandshake } from './noise/index.ts';
import { decode, encode } from './schema/index.ts';

// A private key on its way to the driver, inside the channel: sealed by the dongle to a key that the
// caller has made for this once. Whatever passes records on, or keeps them, has no private key.

const pattern = 'X';
const label = utf8('latchkey exported key');

function prologueOf(number: number): Uint8Array {
  return concatBytes(label, Uint8Array.of(number >> 8, number));
}

/** Seals the key of that number; undefined where nobody can have the recipient's X25519 key. */
export async function sealExportedKey(
  number: number,
  numbers: RsaNumbers,
  keys: {
    /** The dongle's static key. */
    readonly sender: DhKey;
    readonly recipient: Uint8Array;
    readonly generateEphemeral: () => MaybePromise<DhKey>;
  },
): Promise<Uint8Array | undefined> {
  const noise = createHandshake({
    pattern,
    role: 'initiator',
    prologue: prologueOf(number),
    staticKey: keys.sender,
    remoteStaticKey: keys.recipient,
    generateEphemeral: keys.generateEphemeral,
  });
  const plaintext = encode(rsaNumbersSchema, numbers);
  const message = await noise.writeMessage(plaintext);
  plaintext.fill(0);
  return message.ok ? message.value : undefined;
}

/** Opens what that sender has sealed with `sealExportedKey`; undefined where it is something else. */
export async function openExportedKey(
  number: number,
  sealed: Uint8Array,
  keys: { readonly sender: Uint8Array; readonly recipient: DhKey },
): Promise<RsaNumbers | undefined> {
  const noise = createHandshake({
    pattern,
    role: 'responder',
    prologue: prologueOf(number),
    staticKey: keys.recipient,
  });
  const message = await noise.readMessage(sealed);
  const { remoteStaticKey } = noise;
  if (!message.ok || remoteStaticKey === undefined) return undefined;
  if (!equalBytes(remoteStaticKey, keys.sender)) return undefined;
  const numbers = decode(rsaNumbersSchema, message.value);
  return numbers.ok ? numbers.value : undefined;
}
