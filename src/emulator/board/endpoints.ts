import type { PacketBatch } from '../../link.ts';

/** Takes one packet that the host sent; false means NAK: the host has to offer it again. */
export type PacketHandler = (bytes: Uint8Array, offset: number) => boolean;

/** An endpoint by which packets come in from the host. */
export class OutEndpoint {
  readonly packetBytes: number;
  #handler: PacketHandler | undefined;
  /** Senders that were told NAK, in the order of their offers. */
  #retries: (() => void)[] = [];

  constructor(packetBytes: number) {
    this.packetBytes = packetBytes;
  }

  /** The firmware's end: who takes the packets. Without a handler, every packet is NAKed. */
  listen(handler: PacketHandler | undefined): void {
    this.#handler = handler;
    this.ready();
  }

  /** The firmware's end: it can take packets again. */
  ready(): void {
    for (const retry of this.#retries.splice(0)) retry();
  }

  /**
   * The port's end: offers the packets of a batch from number `first` on. Returns how many were
   * taken; when that is not all, `retry` is called once as soon as offering again makes sense.
   */
  offer(batch: PacketBatch, first: number, retry: () => void): number {
    const handler = this.#handler;
    for (let i = first; i < batch.count; i++) {
      if (handler === undefined || !handler(batch.buffer, batch.offset + i * batch.stride)) {
        this.#retries.push(retry);
        return i - first;
      }
    }
    return batch.count - first;
  }
}

/** An endpoint by which packets go out to the host, one transfer buffer at a time. */
export class InEndpoint {
  readonly packetBytes: number;
  #transfer: { readonly batch: PacketBatch; readonly done: () => void } | undefined;
  #wake: (() => void) | undefined;

  constructor(packetBytes: number) {
    this.packetBytes = packetBytes;
  }

  /** The firmware's end: whether a transfer is still waiting for the host. */
  get busy(): boolean {
    return this.#transfer !== undefined;
  }

  /** The firmware's end: offers a transfer, whose buffer stays untouched until `done`. */
  submit(batch: PacketBatch, done: () => void): void {
    if (this.#transfer !== undefined) throw new Error('the endpoint still has a transfer');
    this.#transfer = { batch, done };
    this.#wake?.();
  }

  /** The firmware's end: drops what the host has not read. */
  flush(): void {
    this.#transfer = undefined;
  }

  /** The port's end: who is told when there is something to read. */
  watch(wake: (() => void) | undefined): void {
    this.#wake = wake;
    if (this.busy) wake?.();
  }

  /** The port's end: reads the whole transfer, valid only during `read`; false when there is none. */
  read(read: (batch: PacketBatch) => void): boolean {
    const transfer = this.#transfer;
    if (transfer === undefined) return false;
    try {
      read(transfer.batch);
    } finally {
      // A reader may have unplugged the device, which flushes the endpoint.
      if (this.#transfer === transfer) {
        this.#transfer = undefined;
        transfer.done();
      }
    }
    return true;
  }
}
