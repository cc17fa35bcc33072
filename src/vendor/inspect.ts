import { suite } from '#crypto';
import { toHex } from '../bytes.ts';
import { DongleError } from '../errors.ts';
import { capabilitiesFromBits } from '../protocol/certificates/certificate.ts';
import { chainIdOf, openChain } from '../protocol/certificates/chain.ts';
import { openRevocationList } from '../protocol/certificates/revocation.ts';
import { openSign1 } from '../protocol/cose.ts';
import { decode, type Schema } from '../protocol/schema/index.ts';
import {
  type Context,
  certifiedTimeSchema,
  contextFileSchema,
  openContext,
  openReceipt,
  openTime,
  type Receipt,
  receiptFileSchema,
  timeFileSchema,
  updateFileSchema,
  updateHeaderSchema,
} from '../protocol/updates/index.ts';
import type { DongleBook, IssuedUpdate } from './dongle-book.ts';
import type { Ledger } from './ledger.ts';
import type { VendorFolder } from './vendor-folder.ts';

/** What a file is and says, as far as whoever has it may know. */
export type Inspection =
  | { readonly kind: 'context'; readonly serial: string; readonly context: Context }
  | { readonly kind: 'receipt'; readonly serial: string; readonly receipt: Receipt }
  | {
      readonly kind: 'update';
      readonly vendor: number;
      readonly answers: 'context' | 'push';
      /** Of the dongle; missing where the ledger does not know it. */
      readonly serial: string | undefined;
      /** What is in it, if this ledger has made it: nobody else but the dongle can tell. */
      readonly updates: readonly IssuedUpdate[] | undefined;
    }
  | {
      readonly kind: 'time';
      readonly serial: string | undefined;
      readonly time: number;
      readonly nonce: string;
    }
  | {
      readonly kind: 'chain';
      readonly vendor: number;
      readonly serial: string;
      readonly model: string;
      readonly capabilities: readonly string[];
      readonly issuer: string;
      readonly test: boolean;
    }
  | {
      readonly kind: 'revocations';
      readonly number: number;
      readonly dongles: readonly { readonly vendor: number; readonly serial: string }[];
    };

/**
 * Tells what a file is. Signatures of dongles are checked; a chain or a list is only read, as whoever
 * uses it checks it.
 *
 * @throws DongleError `UPDATE_INVALID` for what is no file of latchkey or was altered
 */
export async function inspectFile(
  file: Uint8Array,
  vendor: VendorFolder,
  ledger: Ledger,
): Promise<Inspection> {
  const trust = await vendor.trust();
  if (is(contextFileSchema, file)) {
    const opened = await openContext(file, trust);
    if (!opened.ok) throw new DongleError(opened.code, opened.detail);
    const { context, device } = opened.value;
    return { kind: 'context', serial: device.serial, context };
  }
  if (is(receiptFileSchema, file)) {
    const opened = await openReceipt(file, trust);
    if (!opened.ok) throw new DongleError(opened.code, opened.detail);
    const { receipt, device } = opened.value;
    return { kind: 'receipt', serial: device.serial, receipt };
  }
  return (
    readUpdate(file, ledger) ??
    (await readTime(file, vendor, ledger)) ??
    readChain(file) ??
    readRevocations(file) ??
    unknown()
  );
}

function is(schema: Schema<unknown>, file: Uint8Array): boolean {
  return decode(schema, file).ok;
}

function readUpdate(file: Uint8Array, ledger: Ledger): Inspection | undefined {
  const outer = decode(updateFileSchema, file);
  const header = outer.ok ? decode(updateHeaderSchema, outer.value.header) : outer;
  if (!header.ok) return undefined;
  const { vendor, dongle, answers } = header.value;
  const book = ledger.find(dongle);
  const digest = toHex(suite.sha256(file));
  const numbers = book?.sealed.find((each) => each.file === digest)?.numbers;
  return {
    kind: 'update',
    vendor,
    answers,
    serial: book?.dongle.serial,
    updates: numbers && updatesOf(book, numbers),
  };
}

function updatesOf(book: DongleBook | undefined, numbers: readonly number[]) {
  return [...(book?.withdrawn ?? []), ...(book?.issued ?? [])].filter(({ number }) =>
    numbers.includes(number),
  );
}

async function readTime(
  file: Uint8Array,
  { names, root }: VendorFolder,
  ledger: Ledger,
): Promise<Inspection | undefined> {
  const outer = decode(timeFileSchema, file);
  const sign1 = outer.ok ? openSign1(outer.value.signed) : outer;
  const said = sign1.ok ? decode(certifiedTimeSchema, sign1.value.payload) : sign1;
  if (!said.ok) return undefined;
  const { dongle } = said.value;
  const reader = { root: root.publicKey, vendor: names.vendor, dongle };
  const opened = await openTime(file, reader);
  if (!opened.ok)
    throw new DongleError(
      opened.code,
      `The time was not certified by this vendor: ${opened.detail}.`,
    );
  const { time, nonce } = opened.value;
  return { kind: 'time', serial: ledger.find(dongle)?.dongle.serial, time, nonce: toHex(nonce) };
}

function readChain(file: Uint8Array): Inspection | undefined {
  const opened = openChain(file, chainIdOf(file));
  if (!opened.ok) return undefined;
  const { issuer, device } = opened.value;
  const { vendor, serial, model, capabilities } = device.certificate;
  return {
    kind: 'chain',
    vendor,
    serial,
    model,
    capabilities: capabilitiesFromBits(capabilities),
    issuer: issuer.certificate.name,
    test: issuer.certificate.test,
  };
}

function readRevocations(file: Uint8Array): Inspection | undefined {
  const opened = openRevocationList(file);
  if (!opened.ok) return undefined;
  const { number, dongles } = opened.value.list;
  return { kind: 'revocations', number, dongles };
}

function unknown(): never {
  throw new DongleError(
    'UPDATE_INVALID',
    'This is no context, update, receipt, certified time, certificate chain or revocation list of latchkey, or it is damaged; get it again.',
  );
}
