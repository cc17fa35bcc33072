import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SigningKey } from '../crypto/suite.ts';
import { DongleError } from '../errors.ts';
import { createWhole, naming, readWhole } from '../host/whole-file.ts';
import { issueRevocationList } from '../protocol/certificates/index.ts';
import { openRevocationList, type RevocationList } from '../protocol/certificates/revocation.ts';
import { verifySign1 } from '../protocol/cose.ts';

/** No list is longer, in bytes: that is what a signed payload may have. */
const longestList = 4 * 1024 * 1024;
const listEnd = '.lkr';

/** A list that was signed, and where it lies. */
export interface SignedList {
  readonly path: string;
  readonly list: RevocationList;
  readonly signed: Uint8Array;
}

/**
 * Signs the next list: what the one before it takes back, and these dongles too.
 *
 * @throws DongleError `FILE_FAILED`, `INVALID_ARGUMENT` where all of them are revoked already
 */
export async function revokeDongles(
  folder: string,
  rootKey: SigningKey,
  vendor: number,
  serials: readonly string[],
): Promise<SignedList> {
  const before = await lastList(folder, rootKey.publicKey);
  const known = before?.dongles ?? [];
  const isKnown = (serial: string) =>
    known.some((each) => each.vendor === vendor && each.serial === serial);
  const added = [...new Set(serials)].filter((serial) => !isKnown(serial));
  if (added.length === 0) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      `Revoked already: ${serials.join(', ')}. Give your customers list ${before?.number ?? 0}.`,
    );
  }
  const list = {
    version: 1,
    number: (before?.number ?? 0) + 1,
    issuers: before?.issuers ?? [],
    dongles: [...known, ...added.map((serial) => ({ vendor, serial }))],
  } as const;
  const signed = await sign(rootKey, list);
  const path = join(folder, `${list.number}${listEnd}`);
  await naming('make', folder, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  });
  await createWhole(path, signed);
  return { path, list, signed };
}

async function sign(rootKey: SigningKey, list: RevocationList): Promise<Uint8Array> {
  try {
    return await issueRevocationList(rootKey, list);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new DongleError(
      'INVALID_ARGUMENT',
      'A serial has 1 to 32 printable ASCII characters; check the serials.',
      { cause },
    );
  }
}

/** The list with the highest number, which must be the root's. */
async function lastList(
  folder: string,
  publicKey: Uint8Array,
): Promise<RevocationList | undefined> {
  const names = await naming('read', folder, () =>
    readdir(folder).catch((error) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    }),
  );
  const numbers = names.filter((name) => /^\d{1,10}\.lkr$/.test(name)).map(Number.parseFloat);
  if (numbers.length === 0) return undefined;
  const path = join(folder, `${Math.max(...numbers)}${listEnd}`);
  const opened = openRevocationList(await readWhole(path, longestList));
  if (!opened.ok || !(await verifySign1(opened.value.sign1, publicKey, 'revocationList'))) {
    throw new DongleError(
      'FILE_FAILED',
      `${path} is damaged or was altered; put a copy of it back, as the next list goes on from it.`,
    );
  }
  return opened.value.list;
}
