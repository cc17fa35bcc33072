import type { DongleError } from './errors.ts';

/**
 * A run of equally large packets in one buffer: packet `i` begins at `offset + i * stride` and is
 * `packetBytes` long. The stride leaves room for what a transport puts in front of each packet
 * (node-hid wants a report id there), so that a batch reaches the bus without being copied.
 */
export interface PacketBatch {
  readonly buffer: Uint8Array;
  readonly offset: number;
  readonly stride: number;
  readonly packetBytes: number;
  readonly count: number;
}

/** The USB function of the dongle that a link reaches. */
export type FaceName = 'hid' | 'vendor';

/** Takes what a link brings. Both calls are synchronous and must not throw. */
export interface LinkListener {
  /** Packets from the device, in order. The batch is valid only during the call. */
  packets(batch: PacketBatch): void;
  /** The device has gone; called at most once, and nothing is called after it. */
  detached(reason: DongleError): void;
}

/** An open pipe of packets to one device. */
export interface Link {
  readonly face: FaceName;
  /** Size of every packet on this link, in bytes. */
  readonly packetBytes: number;
  /** Bytes to leave free in front of each packet of a batch given to `send`. */
  readonly headroomBytes: number;
  /** Name of the device in this system, such as `/dev/hidraw0`, where it has one. */
  readonly path?: string | undefined;
  /**
   * Hands packets to the device, in order. Resolves when the link has taken them and the batch's
   * buffer may be used again; rejects with a `DongleError` (`DETACHED`, `LINK_FAILED`).
   */
  send(batch: PacketBatch): Promise<void>;
  /** Gives the device back to the system. Safe to call twice. */
  close(): Promise<void>;
}

/** Something that discovery found and `connect()` can open. */
export interface LinkSource {
  readonly face: FaceName;
  /** Opens the device and delivers its packets to `listener` until the link is closed. */
  open(listener: LinkListener): Promise<Link>;
}
