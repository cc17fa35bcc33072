import { maxChainBytes, serialSchema, vendorSchema } from '../certificates/index.ts';
import { productSchema, timeSchema, unitsSchema } from '../licenses/index.ts';
import {
  array,
  bytes,
  constant,
  enumeration,
  field,
  type Infer,
  optional,
  struct,
  uint,
} from '../schema/index.ts';
import { licenseStateSchema, operationSchema } from './operations.ts';

// Four kinds of files travel between a dongle, its user and its vendors. Each is one CBOR map whose
// first member says which; what is signed is a COSE_Sign1.

/** What each kind of file begins with. */
export const fileKinds = { context: 1, update: 2, receipt: 3, time: 4 } as const;

/** A dongle by the SHA-256 of its static X25519 key. */
const dongleId = bytes({ length: 32 });
/** An update by the SHA-256 of its payload; zeros stand before the first. */
const updateId = bytes({ length: 32 });
const number = uint({ max: 0xffff_ffff });
const certificate = bytes({ max: maxChainBytes });

/** Bytes of an update file at most. */
export const maxUpdateBytes = 32_768;

/** Updates of one file at most. */
export const maxUpdates = 16;

/** Where the updates of one vendor stand on a dongle. */
const vendorState = struct({
  vendor: field(1, vendorSchema),
  /** Of the last update; 0 where there was none. */
  number: field(2, number),
  last: field(3, updateId),
});

/** What is left of a license. */
export const licenseReportSchema = struct({
  vendor: field(1, vendorSchema),
  product: field(2, productSchema),
  state: field(3, licenseStateSchema),
  usedUnits: field(4, unitsSchema),
  /** Missing where units are not limited. */
  unitsLeft: optional(5, unitsSchema),
  firstUse: optional(6, timeSchema),
  /** How often it was used as a decoy. */
  decoyUses: optional(7, number),
  /** Whether this update has taken it away. */
  withdrawn: optional(8, constant(1)),
});

/** What a dongle says to its vendors before an update: signed by the dongle. */
export const contextSchema = struct({
  version: field(1, constant(1)),
  serial: field(2, serialSchema),
  dongle: field(3, dongleId),
  /** X25519: an update that answers this context is sealed to it, and it is forgotten afterwards. */
  oneTimeKey: field(4, bytes({ length: 32 })),
  /** Milliseconds for which the dongle has had power. */
  poweredMs: field(5, uint({ max: 2 ** 48 - 1 })),
  /** What it takes the time to be, where it knows. */
  time: optional(6, timeSchema),
  blocked: optional(7, constant(1)),
  vendors: field(8, array(vendorState, { max: 8 })),
  licenses: field(9, array(licenseReportSchema, { max: 24 })),
});

export type Context = Infer<typeof contextSchema>;

/** What a dongle says after an update: signed by the dongle. */
export const receiptSchema = struct({
  version: field(1, constant(1)),
  serial: field(2, serialSchema),
  dongle: field(3, dongleId),
  state: field(4, vendorState),
  poweredMs: field(5, uint({ max: 2 ** 48 - 1 })),
  time: optional(6, timeSchema),
  blocked: optional(7, constant(1)),
  /** The vendor's own, with those that the last file has taken away. */
  licenses: field(8, array(licenseReportSchema, { max: 48 })),
});

export type Receipt = Infer<typeof receiptSchema>;

/** A context or a receipt, with the certificate chain of the dongle that signed it. */
export const contextFileSchema = struct({
  kind: field(1, constant(fileKinds.context)),
  chain: field(2, certificate),
  signed: field(3, bytes({ max: 8_192 })),
});
export const receiptFileSchema = struct({
  kind: field(1, constant(fileKinds.receipt)),
  chain: field(2, certificate),
  signed: field(3, bytes({ max: 8_192 })),
});

/** One update: signed by the vendor. */
export const updateSchema = struct({
  version: field(1, constant(1)),
  vendor: field(2, vendorSchema),
  dongle: field(3, dongleId),
  /** 1 for the vendor's first on this dongle, and so on. */
  number: field(4, uint({ max: 0xffff_ffff })),
  previous: field(5, updateId),
  issuedAt: field(6, timeSchema),
  operations: field(7, array(operationSchema, { min: 1, max: 64 })),
});

export type Update = Infer<typeof updateSchema>;

/** What is sealed: the updates one after the other, and the certificate of who signed them. */
export const updatesSchema = struct({
  issuer: field(1, certificate),
  /** A COSE_Sign1 each. */
  updates: field(2, array(bytes({ max: maxUpdateBytes }), { min: 1, max: maxUpdates })),
});

/** To whom an update file is sealed; all of it is authenticated. */
export const updateHeaderSchema = struct({
  kind: field(1, constant(fileKinds.update)),
  vendor: field(2, vendorSchema),
  dongle: field(3, dongleId),
  /** A `push` needs no context: it is sealed to the dongle's static key, without forward secrecy. */
  answers: field(4, enumeration({ context: 1, push: 2 })),
  /** X25519: the one-time key of the context, or the dongle's static key. */
  recipient: field(5, bytes({ length: 32 })),
});

/** The header, encoded as it is authenticated, and one Noise message of pattern X. */
export const updateFileSchema = struct({
  kind: field(1, constant(fileKinds.update)),
  header: field(2, bytes({ max: 256 })),
  sealed: field(3, bytes({ min: 96, max: maxUpdateBytes })),
});

/** The time of day, certified for one nonce of one dongle: signed by a time key. */
export const certifiedTimeSchema = struct({
  version: field(1, constant(1)),
  dongle: field(2, dongleId),
  nonce: field(3, bytes({ length: 16 })),
  time: field(4, timeSchema),
});

export const timeFileSchema = struct({
  kind: field(1, constant(fileKinds.time)),
  issuer: field(2, certificate),
  signed: field(3, bytes({ max: 512 })),
});
