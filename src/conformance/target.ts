import type { Clock } from '../clock.ts';
import type { FaceName, LinkSource } from '../link.ts';
import type { TrustStore } from '../protocol/certificates/index.ts';

/** A device under test, and its time. */
export interface Target {
  readonly name: string;
  /** One face of the device; cases open one or two of them. */
  source(face: FaceName): LinkSource;
  /** The clock by which answers are timed. */
  readonly clock: Clock;
  /** Lets so many milliseconds of that clock pass. */
  pass(ms: number): Promise<void>;
  /** How late an answer may be for reasons that are not the device's; 0 ms unless given. */
  readonly toleranceMs?: number;
  /** Where given, the device's certificate is checked with each handshake. */
  readonly trust?: TrustStore;
  /** Where the host's keys and nonces come from; the system unless given. */
  readonly random?: (count: number) => Uint8Array;
}
