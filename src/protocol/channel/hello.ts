import { suite } from '#crypto';
import { concatBytes, utf8 } from '../../bytes.ts';
import { modelSchema, serialSchema } from '../certificates/index.ts';
import {
  array,
  bytes,
  enumeration,
  field,
  type Infer,
  optional,
  struct,
  uint,
} from '../schema/index.ts';

const versions = array(uint({ max: 255 }), { min: 1, max: 8 });

/** What a host says first on a channel: the versions of the encrypted channel that it speaks. */
export const helloRequest = struct({ versions: field(1, versions) });

/** What a dongle says of itself to anybody, in clear; the handshake proves it. */
export const helloResponse = struct({
  serial: field(1, serialSchema),
  model: field(2, modelSchema),
  /** SHA-256 of the certificate chain that message 2 of the handshake will carry. */
  chainId: field(3, bytes({ length: 32 })),
  face: field(4, enumeration({ hid: 1, vendor: 2 })),
  /** Random, new at each attach. */
  attachId: field(5, bytes({ length: 8 })),
  versions: field(6, versions),
  /** Longest message on this face, in bytes, both ways. */
  largestMessage: field(7, uint({ max: 65_535 })),
  /** Seconds of powered time for which the dongle still refuses sessions; missing when it does not. */
  lockedSeconds: optional(8, uint({ max: 0xffff_ffff })),
});

/** The dongle's answer to HELLO. */
export type HelloResponse = Infer<typeof helloResponse>;

const prologueLabel = utf8('latchkey channel');

/**
 * The prologue of the handshake: what was said in clear, bound to what follows. A dongle keeps it
 * for each channel in place of the messages themselves.
 */
export function handshakePrologue(request: Uint8Array, response: Uint8Array): Uint8Array {
  // Each is one CBOR item, so where the first ends is not in doubt.
  return concatBytes(prologueLabel, suite.sha256(concatBytes(request, response)));
}
