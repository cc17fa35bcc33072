import { suite } from '#crypto';
import { concatBytes, equalBytes, utf8 } from '../../bytes.ts';
import type { Outcome } from '../../errors.ts';
import {
  maxChainBytes,
  modelSchema,
  serialSchema,
  vendorSchema,
} from '../../protocol/certificates/index.ts';
import {
  bytes,
  decode,
  encode,
  field,
  type Infer,
  struct,
  uint,
} from '../../protocol/schema/index.ts';
import type { Flash } from '../board/flash.ts';
import { rulesSchema } from './ownership/index.ts';

// Page 0 of the flash, programmed once at manufacture:
//   magic (4) · format (1) · length of the body (2, big-endian) · body · SHA-256 of all before

const magic = utf8('LKMB');
const format = 1;
const headerBytes = 7;
const digestBytes = 32;

const body = struct({
  serial: field(1, serialSchema),
  vendor: field(2, vendorSchema),
  model: field(3, modelSchema),
  /** Private X25519 key of the channel. */
  staticKey: field(4, bytes({ length: 32 })),
  chain: field(5, bytes({ min: 1, max: maxChainBytes })),
  /** The fixed AES-256 key. */
  aesKey: field(6, bytes({ length: 32 })),
  rules: field(7, rulesSchema),
  /** Private Ed25519 key: it signs contexts and receipts. */
  signingKey: field(8, bytes({ length: 32 })),
  /** Ed25519 key of the root: whoever it certified may send updates and the time. */
  root: field(9, bytes({ length: 32 })),
  /** The bits of the certificate. */
  capabilities: field(10, uint({ max: 0xffff_ffff })),
  memoryBytes: field(11, uint({ max: 65_536 })),
  keys: field(12, uint({ max: 16 })),
  licenses: field(13, uint({ max: 24 })),
});

/** What a dongle gets at manufacture and never changes. */
export type Manufacture = Infer<typeof body>;

/** Programs the block into erased flash; a `RangeError` says that it does not fit. */
export function writeManufactureBlock(flash: Flash, manufacture: Manufacture): void {
  const encoded = encode(body, manufacture);
  const header = concatBytes(magic, Uint8Array.of(format, encoded.length >> 8, encoded.length));
  const signed = concatBytes(header, encoded);
  if (signed.length + digestBytes > flash.pageBytes) throw new RangeError('larger than a page');
  flash.program(0, concatBytes(signed, suite.sha256(signed)));
}

/** Reads the block back. */
export function readManufactureBlock(flash: Flash): Outcome<Manufacture, 'FLASH_INVALID'> {
  const page = flash.read(0, flash.pageBytes);
  if (!equalBytes(page.subarray(0, magic.length), magic))
    return invalid('it has no manufacture block');
  if (page[magic.length] !== format) return invalid('its format is not known');
  const bodyBytes = ((page[5] as number) << 8) | (page[6] as number);
  const end = headerBytes + bodyBytes;
  if (end + digestBytes > page.length) return invalid('its manufacture block is damaged');
  const digest = suite.sha256(page.subarray(0, end));
  if (!equalBytes(digest, page.subarray(end, end + digestBytes))) {
    return invalid('its manufacture block is damaged');
  }
  const decoded = decode(body, page.subarray(headerBytes, end));
  if (!decoded.ok) return invalid(`its manufacture block cannot be read (${decoded.detail})`);
  return { ok: true, value: decoded.value };
}

function invalid(detail: string): Outcome<Manufacture, 'FLASH_INVALID'> {
  return { ok: false, code: 'FLASH_INVALID', detail };
}
