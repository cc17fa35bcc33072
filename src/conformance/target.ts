import type { Clock } from '../clock.ts';
import type { FaceName, LinkSource } from '../link.ts';
import type { TrustStore } from '../protocol/certificates/index.ts';
import type { CaseRuntime } from './runtimes.ts';

/** A device as a host's controller reaches it, before any driver of a face. */
export interface UsbPort {
  /** How fast its bus is: 12 or 480 Mbit/s. */
  readonly speed: 'full' | 'high';
  /**
   * A control transfer. `setup` has 8 bytes, `data` is what the host sends with it. Gives what the
   * device sends. Where a system has calls of its own for a request (configurations, settings,
   * halts, as WebUSB does), those must be used, or it would lose track of the device.
   */
  control(setup: Uint8Array, data: Uint8Array): Promise<Uint8Array | 'stall'>;
  /** One transfer to an OUT endpoint, an empty packet where there are no bytes. */
  write(address: number, data: Uint8Array): Promise<'done' | 'stall'>;
  /**
   * One transfer from an IN endpoint: it is over when `roomBytes` have come, or with a short or
   * empty packet. No link on that endpoint's face is open meanwhile.
   */
  read(address: number, roomBytes: number): Promise<Uint8Array | 'stall'>;
  /** Resets the bus and configures the device again. No link is open meanwhile. */
  reset(): Promise<void>;
}

/** The device's plug. No link is open meanwhile. */
export interface PowerPort {
  /** Takes the device's power away. */
  off(): Promise<void>;
  /** Gives it back; the device is configured then. */
  on(): Promise<void>;
}

/** A device under test, and its time. */
export interface Target {
  readonly name: string;
  /** One face of the device; cases open one or two of them. */
  source(face: FaceName): LinkSource;
  /** The device's USB port, if there is a way to it; without one, no case about USB applies. */
  readonly usb?: UsbPort;
  /** The device's power, if there is a way to it; without one, no case about its loss applies. */
  readonly power?: PowerPort;
  /** Whether it has `demoLicenses` and `demoSeats`; otherwise no case about licenses applies. */
  readonly licenses?: true;
  /** Whether it takes updates of signers under the TEST root; then it is not new after such a case. */
  readonly updates?: true;
  /** The clock by which answers are timed. */
  readonly clock: Clock;
  /** Lets so many milliseconds of that clock pass. */
  pass(ms: number): Promise<void>;
  /** How late an answer may be for reasons that are not the device's; 0 ms unless given. */
  readonly toleranceMs?: number;
  /**
   * Where given, runtimes are kept here from case to case, so that a device that is not new for each
   * case knows its owner again. Cases with several runtimes need a device that nobody owns.
   */
  readonly runtimes?: Map<string, CaseRuntime>;
  /** Where given, the device's certificate is checked with each handshake. */
  readonly trust?: TrustStore;
  /** Where the host's keys and nonces come from; the system unless given. */
  readonly random?: (count: number) => Uint8Array;
}
