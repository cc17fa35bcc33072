import { noBytes } from '../../bytes.ts';
import type { Aead } from '../../crypto/suite.ts';
import { DongleError } from '../../errors.ts';

/** No Noise message is longer, in bytes (§3). */
export const maxNoiseMessageBytes = 65_535;

/** How much longer a sealed message is than its plaintext, in bytes. */
export const tagBytes = 16;

const maxPlaintextBytes = maxNoiseMessageBytes - tagBytes;

/**
 * One direction after the handshake: a CipherState whose counters are explicit (Noise §11.4), as
 * messages may be lost or repeated. Whoever holds it decides which counters are used and when to
 * rekey, and must never seal two plaintexts under one counter between two rekeys.
 *
 * Counters are safe integers from 0, so 2^64 - 1, which REKEY uses, cannot be given.
 */
export interface TransportKey {
  /**
   * Ciphertext and tag: `plaintext.length + 16` bytes, written to `out` from its beginning, or of
   * their own without it. Throws a `DongleError` (`INVALID_ARGUMENT`) for a counter that is not one
   * or a plaintext above 65,519 bytes.
   */
  seal(counter: number, plaintext: Uint8Array, out?: Uint8Array): Uint8Array;
  /**
   * The plaintext, of its own, or undefined for anything that was not sealed under this key and
   * counter.
   */
  open(counter: number, sealed: Uint8Array): Uint8Array | undefined;
  /** The key that follows from this one (Noise §4.2, §11.3), which stays as it is. */
  rekeyed(): TransportKey;
}

function misuse(message: string): DongleError {
  return new DongleError('INVALID_ARGUMENT', message);
}

const isCounter = (value: number) => Number.isSafeInteger(value) && value >= 0;

export function createTransportKey(aead: Aead): TransportKey {
  return {
    seal(counter, plaintext, out) {
      if (!isCounter(counter)) throw misuse('A counter must be a safe integer from 0.');
      if (plaintext.length > maxPlaintextBytes)
        throw misuse('A Noise message has at most 65,535 bytes.');
      return aead.seal(counter, noBytes, plaintext, out);
    },
    open(counter, sealed) {
      if (!isCounter(counter) || sealed.length > maxNoiseMessageBytes) return undefined;
      return aead.open(counter, noBytes, sealed);
    },
    rekeyed: () => createTransportKey(aead.rekeyed()),
  };
}
