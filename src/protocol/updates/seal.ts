import { suite } from '#crypto';
import { concatBytes, utf8 } from '../../bytes.ts';
import type { DhKey, SigningKey } from '../../crypto/suite.ts';
import { signSign1 } from '../cose.ts';
import { createHandshake } from '../noise/index.ts';
import { type Decoded, decode, encode, type Infer } from '../schema/index.ts';
import {
  fileKinds,
  type Update,
  updateFileSchema,
  updateHeaderSchema,
  updateSchema,
  updatesSchema,
} from './files.ts';

/** To whom an update file is sealed. */
export type UpdateHeader = Infer<typeof updateHeaderSchema>;

/** What an update file holds: the certificate of who signed, and the updates, a COSE_Sign1 each. */
export type SealedUpdates = Infer<typeof updatesSchema>;

/** The Noise pattern that seals: one message, to a recipient whose key is known. */
const pattern = 'X';
const label = utf8('latchkey update file');

/** Zeros: what stands before the first update of a vendor. */
export const noUpdate: Uint8Array = new Uint8Array(32);

/** Signs an update: an encoded COSE_Sign1. Rejects with a `RangeError` for a field out of range. */
export function signUpdate(key: SigningKey, update: Update): Promise<Uint8Array> {
  return signSign1(encode(updateSchema, update), key, 'update');
}

/** The id of an update, by which the next one names it: the SHA-256 of its signed payload. */
export function updateIdOf(payload: Uint8Array): Uint8Array {
  return suite.sha256(payload);
}

/**
 * Seals signed updates to one dongle: the bytes of an update file. Rejects with a `RangeError` for
 * what is too large.
 *
 * The sender's static key is made anew for each file: it proves nothing, as the signatures do that,
 * and so nothing about a file tells who has sealed it, nor has a vendor one more key to guard.
 */
export async function sealUpdates({
  header,
  issuer,
  updates,
}: { readonly header: UpdateHeader } & SealedUpdates): Promise<Uint8Array> {
  const encodedHeader = encode(updateHeaderSchema, header);
  const handshake = createHandshake({
    pattern,
    role: 'initiator',
    prologue: concatBytes(label, encodedHeader),
    staticKey: await suite.generateDhKey(),
    remoteStaticKey: header.recipient,
  });
  const sealed = await handshake.writeMessage(encode(updatesSchema, { issuer, updates }));
  if (!sealed.ok) throw new RangeError('the recipient is no X25519 key');
  return encode(updateFileSchema, {
    kind: fileKinds.update,
    header: encodedHeader,
    sealed: sealed.value,
  });
}

/** An update file that was read, but not yet opened. */
export interface UpdateFile {
  readonly header: UpdateHeader;
  /** As it is authenticated. */
  readonly encodedHeader: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Reads what stands on the outside of an update file. Nothing of it is authenticated yet. */
export function readUpdateFile(file: Uint8Array): Decoded<UpdateFile> {
  const outer = decode(updateFileSchema, file);
  if (!outer.ok) return outer;
  const { header: encodedHeader, sealed } = outer.value;
  const header = decode(updateHeaderSchema, encodedHeader);
  if (!header.ok) return { ok: false, detail: `header: ${header.detail}` };
  return { ok: true, value: { header: header.value, encodedHeader, sealed } };
}

/** Opens an update file with the recipient's key. Who has signed what is in it is not checked yet. */
export async function unsealUpdates(
  { encodedHeader, sealed }: UpdateFile,
  recipient: DhKey,
): Promise<Decoded<SealedUpdates>> {
  const handshake = createHandshake({
    pattern,
    role: 'responder',
    prologue: concatBytes(label, encodedHeader),
    staticKey: recipient,
  });
  const opened = await handshake.readMessage(sealed);
  if (!opened.ok) return { ok: false, detail: 'it does not open' };
  return decode(updatesSchema, opened.value);
}
