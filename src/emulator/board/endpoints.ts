/**
 * Takes one USB packet that the host sent: `byteCount` bytes at `offset`, 0 for an empty one. False
 * means NAK: the host has to offer it again.
 */
export type PacketHandler = (bytes: Uint8Array, offset: number, byteCount: number) => boolean;

/** What an endpoint answers to the host's controller. */
export type Handshake = 'ack' | 'nak' | 'stall';

/** What the two directions share: an endpoint is there while a configuration enables it. */
abstract class Endpoint {
  #packetBytes = 0;
  #halted = false;

  /** Size of the largest USB packet, in bytes; 0 while the endpoint is disabled. */
  get packetBytes(): number {
    return this.#packetBytes;
  }

  /** Whether the endpoint answers STALL. */
  get halted(): boolean {
    return this.#halted;
  }

  /** The firmware's end: switches the endpoint on, empty and not halted. */
  enable(packetBytes: number): void {
    this.#packetBytes = packetBytes;
    this.#halted = false;
    this.changed();
  }

  /** The firmware's end: switches it off; whoever still talks to it hears nothing. */
  disable(): void {
    this.#packetBytes = 0;
    this.#halted = false;
  }

  /** The firmware's end: answers STALL, or no longer. */
  halt(halted: boolean): void {
    this.#halted = halted;
    this.changed();
  }

  /** Tells the port that offering or reading again makes sense. */
  protected abstract changed(): void;
}

/** An endpoint by which packets come in from the host. */
export class OutEndpoint extends Endpoint {
  #handler: PacketHandler | undefined;
  /** Senders that were told NAK, in the order of their offers. */
  #retries: (() => void)[] = [];

  /** The firmware's end: who takes the packets. Without a handler, every packet is NAKed. */
  listen(handler: PacketHandler | undefined): void {
    this.#handler = handler;
    this.ready();
  }

  /** The firmware's end: it can take packets again. */
  ready(): void {
    for (const retry of this.#retries.splice(0)) retry();
  }

  protected override changed(): void {
    this.ready();
  }

  /** The port's end: offers one USB packet. */
  offer(bytes: Uint8Array, offset: number, byteCount: number): Handshake {
    if (this.halted) return 'stall';
    if (this.packetBytes === 0 || this.#handler === undefined) return 'nak';
    return this.#handler(bytes, offset, byteCount) ? 'ack' : 'nak';
  }

  /** The port's end: calls `retry` once, as soon as offering again after a NAK makes sense. */
  whenReady(retry: () => void): void {
    this.#retries.push(retry);
  }
}

/** What the firmware hands to an IN endpoint at once. */
export interface Outgoing {
  /** Untouched by the firmware until `done`. */
  readonly bytes: Uint8Array;
  readonly byteCount: number;
  /**
   * Whether a short or empty packet follows the last full one, which tells the host that its
   * transfer is over. Without it the host has to know where to stop, as it does with HID reports.
   */
  readonly ends: boolean;
  /** Called when the host has read it all. */
  readonly done: () => void;
}

/**
 * Takes bytes that were read: from `start` to `end` of `bytes`, valid during the call. `ended` says
 * that the last packet was a short or an empty one.
 */
export type Take = (bytes: Uint8Array, start: number, end: number, ended: boolean) => void;

/** An endpoint by which packets go out to the host. */
export class InEndpoint extends Endpoint {
  #outgoing: Outgoing | undefined;
  /** Bytes of it that the host has read. */
  #read = 0;
  #wake: (() => void) | undefined;

  /** The firmware's end: whether something still waits for the host. */
  get busy(): boolean {
    return this.#outgoing !== undefined;
  }

  /** The firmware's end: offers bytes to the host. */
  submit(outgoing: Outgoing): void {
    if (this.#outgoing !== undefined) throw new Error('the endpoint is still busy');
    this.#outgoing = outgoing;
    this.#read = 0;
    this.#wake?.();
  }

  /** The firmware's end: drops what the host has not read. */
  flush(): void {
    this.#outgoing = undefined;
  }

  protected override changed(): void {
    this.#wake?.();
  }

  /** The port's end: who is told when reading makes sense. */
  watch(wake: (() => void) | undefined): void {
    this.#wake = wake;
    wake?.();
  }

  /**
   * The port's end: reads whole USB packets, as many as are there and fit into `limit` bytes, none
   * beyond a packet that ends the transfer. The packet that is due is read even when it alone does
   * not fit, which a bus calls babble.
   */
  read(limit: number, take: Take): Handshake {
    if (this.halted) return 'stall';
    const outgoing = this.#outgoing;
    if (outgoing === undefined || this.packetBytes === 0) return 'nak';
    const { bytes, byteCount, ends } = outgoing;
    const start = this.#read;
    const left = byteCount - start;
    const fitting = Math.max(1, Math.floor(limit / this.packetBytes)) * this.packetBytes;
    const end = start + Math.min(left, fitting);
    // The last packet is a short one, or an empty one that needs no room but a transfer not yet full.
    const ended =
      ends && end === byteCount && (left % this.packetBytes !== 0 || left < limit || left === 0);
    this.#read = end;
    try {
      take(bytes, start, end, ended);
    } finally {
      // A reader may have unplugged the device, which flushes the endpoint.
      if (this.#outgoing === outgoing && (ended || (!ends && end === byteCount))) {
        this.#outgoing = undefined;
        outgoing.done();
      }
    }
    return 'ack';
  }
}
