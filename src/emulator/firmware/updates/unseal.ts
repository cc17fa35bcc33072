import { suite } from '#crypto';
import { equalBytes } from '../../../bytes.ts';
import type { DhKey } from '../../../crypto/suite.ts';
import { keyIdOf, openSign1, verifySign1 } from '../../../protocol/cose.ts';
import { decode } from '../../../protocol/schema/index.ts';
import {
  readUpdateFile,
  type Update,
  type UpdateFile,
  type UpdateHeader,
  unsealUpdates,
  updateIdOf,
  updateSchema,
  verifyIssuer,
} from '../../../protocol/updates/index.ts';
import { done, type Reply, refused } from '../handler.ts';
import type { StoreReader } from '../store/draft.ts';
import { findContextKey } from './context-keys.ts';
import { isWellFormed } from './operations.ts';

/** Whom an update file has to convince, and whose it must be. */
export interface UpdateReader {
  /** Ed25519: whoever it certified for that may send updates. */
  readonly root: Uint8Array;
  readonly dongleId: Uint8Array;
  readonly staticKey: DhKey;
  readonly store: StoreReader;
}

/** An update that its vendor has signed. */
export interface SignedUpdate {
  readonly update: Update;
  readonly id: Uint8Array;
}

/** What a file says, believed. */
export interface OpenedUpdates {
  readonly vendor: number;
  /** One behind the other, by number and hash. */
  readonly updates: readonly SignedUpdate[];
  /** The one-time key to which it was sealed; a push is sealed to the static key. */
  readonly recipient: Uint8Array;
}

/** Reads who an update file is for; only one for this dongle is given back. */
export function readForDongle(file: Uint8Array, dongleId: Uint8Array): Reply<UpdateFile> {
  const read = readUpdateFile(file);
  if (!read.ok) return refused('UPDATE_INVALID');
  const isOurs = equalBytes(read.value.header.dongle, dongleId);
  return isOurs ? done(read.value) : refused('UPDATE_OTHER_DONGLE');
}

/** Unseals an update file and checks all its signatures. */
export async function openUpdates(
  file: UpdateFile,
  reader: UpdateReader,
): Promise<Reply<OpenedUpdates>> {
  const { vendor } = file.header;
  const recipient = await findRecipient(file.header, reader);
  if (recipient === undefined) return refused('UPDATE_OTHER_CONTEXT');
  const sealed = await unsealUpdates(file, recipient);
  if (!sealed.ok) return refused('UPDATE_INVALID');
  const issuer = await verifyIssuer(reader.root, sealed.value.issuer, 'update', vendor);
  if (!issuer.ok) return refused(issuer.code);
  const updates: SignedUpdate[] = [];
  for (const signed of sealed.value.updates) {
    const opened = await openUpdate(signed, issuer.value.publicKey);
    if (!opened.ok) return opened;
    const { update } = opened.value;
    if (update.vendor !== vendor) return refused('UPDATE_UNTRUSTED');
    if (!equalBytes(update.dongle, reader.dongleId)) return refused('UPDATE_OTHER_DONGLE');
    const before = updates.at(-1);
    if (before !== undefined && !follows(update, before)) return refused('UPDATE_INVALID');
    updates.push(opened.value);
  }
  return done({ vendor, updates, recipient: file.header.recipient });
}

async function findRecipient(
  { answers, recipient }: UpdateHeader,
  { staticKey, store }: UpdateReader,
): Promise<DhKey | undefined> {
  if (answers === 'push') return equalBytes(recipient, staticKey.publicKey) ? staticKey : undefined;
  const privateKey = findContextKey(store, recipient);
  return privateKey && suite.importDhKey(privateKey);
}

async function openUpdate(signed: Uint8Array, publicKey: Uint8Array): Promise<Reply<SignedUpdate>> {
  const sign1 = openSign1(signed);
  if (!sign1.ok) return refused('UPDATE_INVALID');
  const isSigned =
    equalBytes(sign1.value.keyId, keyIdOf(publicKey)) &&
    (await verifySign1(sign1.value, publicKey, 'update'));
  if (!isSigned) return refused('UPDATE_UNTRUSTED');
  const update = decode(updateSchema, sign1.value.payload);
  if (!update.ok || !update.value.operations.every(isWellFormed)) return refused('UPDATE_INVALID');
  return done({ update: update.value, id: updateIdOf(sign1.value.payload) });
}

function follows(update: Update, before: SignedUpdate): boolean {
  return update.number === before.update.number + 1 && equalBytes(update.previous, before.id);
}
