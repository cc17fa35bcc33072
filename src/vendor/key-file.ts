import { scrypt } from 'node:crypto';
import { suite } from '#crypto';
import { equalBytes, fromHex, toHex, utf8 } from '../bytes.ts';
import type { SigningKey } from '../crypto/suite.ts';
import { DongleError } from '../errors.ts';

// A private key on disk, as JSON:
//   { "latchkeyKey": 1, "name": "update", "publicKey": "…", "salt": "…", "sealed": "…" }
// The 1 means: the seed of an Ed25519 key, sealed by AES-256-GCM under what scrypt makes of the
// passphrase and the salt. Each file has its own salt, so a key of AES is used once, with the IV 0.

/** A guess of the passphrase costs 128 MiB and some tenths of a second (RFC 7914 §2). */
const scryptCost = { N: 2 ** 17, r: 8, p: 1, maxmem: 192 * 1024 * 1024 };
const saltBytes = 16;
const sealedBytes = 32 + 16;

/** No key file is longer, in bytes. */
export const maxKeyFileBytes = 1024;

/** The text of the file that keeps a key. The name is authenticated with it. */
export async function sealKey(name: string, seed: Uint8Array, passphrase: string): Promise<string> {
  const { publicKey } = await suite.importSigningKey(seed);
  const salt = suite.randomBytes(saltBytes);
  const sealed = suite
    .aead(await stretch(passphrase, salt))
    .seal(0, authenticated(name, publicKey), seed);
  const file = { latchkeyKey: 1, name, publicKey, salt, sealed };
  return `${JSON.stringify(file, (_, value) => (value instanceof Uint8Array ? toHex(value) : value), 2)}\n`;
}

/**
 * Opens the text of a key file.
 *
 * @param path - for error messages
 * @throws DongleError `FILE_FAILED` for what is not the file of the key with this name,
 * `INVALID_ARGUMENT` where the passphrase does not open it
 */
export async function openKey(
  name: string,
  text: string,
  path: string,
  passphrase: string,
): Promise<SigningKey> {
  const { publicKey, salt, sealed } = parse(name, text, path);
  const seed = suite
    .aead(await stretch(passphrase, salt))
    .open(0, authenticated(name, publicKey), sealed);
  if (seed === undefined) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      `The passphrase does not open ${path}: it is not the right one, or the file was altered. Try again, or put a copy of the file back.`,
    );
  }
  const key = await suite.importSigningKey(seed);
  if (!equalBytes(key.publicKey, publicKey)) throw damaged(name, path);
  return key;
}

function parse(name: string, text: string, path: string) {
  try {
    const file = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (file['latchkeyKey'] !== 1 || file['name'] !== name) throw damaged(name, path);
    return {
      publicKey: hexOf(file['publicKey'], 32),
      salt: hexOf(file['salt'], saltBytes),
      sealed: hexOf(file['sealed'], sealedBytes),
    };
  } catch {
    throw damaged(name, path);
  }
}

function hexOf(value: unknown, length: number): Uint8Array {
  if (typeof value !== 'string' || value.length !== 2 * length) throw new RangeError('length');
  return fromHex(value);
}

function damaged(name: string, path: string): DongleError {
  return new DongleError(
    'FILE_FAILED',
    `${path} is not the file of the ${name} key, or it is damaged; put a copy of it back.`,
  );
}

function authenticated(name: string, publicKey: Uint8Array): Uint8Array {
  return utf8(`latchkey key 1 ${name} ${toHex(publicKey)}`);
}

function stretch(passphrase: string, salt: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    // One passphrase, however the keyboard composes its accents.
    scrypt(passphrase.normalize('NFC'), salt, 32, scryptCost, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(error);
    });
  });
}
