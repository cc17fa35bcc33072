import type { Clock } from '../../clock.ts';
import { DongleError } from '../../errors.ts';
import type { FaceName, Link, LinkListener, PacketBatch } from '../../link.ts';
import { usbFunctions } from '../../protocol/usb/index.ts';
import type { InEndpoint, OutEndpoint } from '../board/endpoints.ts';
import type { UsbController } from '../board/usb-controller.ts';
import { VirtualClock } from '../board/virtual-clock.ts';

/** One face as the host's side of the bus sees it, or several hosts that share the cable. */
export class FaceBus {
  readonly #face: FaceName;
  readonly #packetBytes: number;
  readonly #clock: Clock;
  readonly #out: OutEndpoint;
  readonly #in: InEndpoint;
  /** Who has the face open, and on which host. */
  readonly #listeners = new Map<LinkListener, number>();
  /** The transfer that waits for the dongle to take more. */
  #held: Promise<void> | undefined;
  #pumping = false;
  #pumpings = 0;

  constructor(face: FaceName, usb: UsbController, clock: Clock) {
    const { packetBytes, outAddress, inAddress } = usbFunctions[face];
    this.#face = face;
    this.#packetBytes = packetBytes;
    this.#clock = clock;
    this.#out = usb.outEndpoint(outAddress) as OutEndpoint;
    this.#in = usb.inEndpoint(inAddress) as InEndpoint;
    this.#in.watch(() => this.#wake());
  }

  open(listener: LinkListener, host: number): Link {
    if (this.#face === 'vendor' && [...this.#listeners.values()].includes(host)) {
      throw new DongleError(
        'LINK_FAILED',
        'Another program has claimed the dongle’s vendor interface; close it and try again.',
      );
    }
    this.#listeners.set(listener, host);
    this.#wake();
    return {
      face: this.#face,
      packetBytes: this.#packetBytes,
      headroomBytes: 0,
      send: (batch) => this.#send(listener, batch),
      close: async () => {
        this.#listeners.delete(listener);
      },
    };
  }

  detach(): void {
    const listeners = [...this.#listeners.keys()];
    this.#listeners.clear();
    for (const listener of listeners) listener.detached(new DongleError('DETACHED'));
  }

  async #send(listener: LinkListener, batch: PacketBatch): Promise<void> {
    // Transfers follow one another on a bus.
    while (this.#held !== undefined) await this.#held;
    const { buffer, offset, stride, packetBytes, count } = batch;
    // At full speed a packet of the vendor face travels in several USB packets.
    const part = Math.min(packetBytes, this.#out.packetBytes || packetBytes);
    let release = () => {};
    try {
      for (let i = 0; i < count; i++) {
        for (let at = 0; at < packetBytes; ) {
          if (!this.#listeners.has(listener)) throw new DongleError('DETACHED');
          const handshake = this.#out.offer(buffer, offset + i * stride + at, part);
          if (handshake === 'ack') {
            at += part;
          } else if (handshake === 'nak') {
            if (this.#held === undefined) release = this.#hold();
            await new Promise<void>((resolve) => this.#out.whenReady(resolve));
          } else {
            throw new DongleError('LINK_FAILED', 'The dongle refuses data; connect again.');
          }
        }
      }
    } finally {
      release();
    }
  }

  /** Keeps further transfers waiting until the returned function is called. */
  #hold(): () => void {
    let free = () => {};
    this.#held = new Promise((resolve) => {
      free = resolve;
    });
    return () => {
      this.#held = undefined;
      free();
    };
  }

  /** The host's controller polls the IN endpoint while somebody has the face open. */
  #wake(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    // A bus takes its time. Here, two programs that only ever wait for each other would keep every
    // timer of the process from firing, so now and then they have to let others pass.
    if (++this.#pumpings % 32 === 0) void this.#letOthersPass().then(this.#pump);
    else queueMicrotask(this.#pump);
  }

  #letOthersPass(): Promise<void> {
    const passed = new Promise<void>((resolve) => setImmediate(resolve));
    // No time passes by that.
    return this.#clock instanceof VirtualClock ? this.#clock.during(passed) : passed;
  }

  readonly #pump = (): void => {
    this.#pumping = false;
    // There is no limit to what the host takes at once, so that it gets every answer as a whole.
    while (
      this.#listeners.size > 0 &&
      this.#in.read(Number.POSITIVE_INFINITY, this.#deliver) === 'ack'
    ) {}
  };

  readonly #deliver = (buffer: Uint8Array, start: number, end: number): void => {
    const packetBytes = this.#packetBytes;
    // An interrupt endpoint gives one report at a time.
    const step = this.#face === 'vendor' ? end - start : packetBytes;
    for (let offset = start; offset < end; offset += step) {
      const count = step / packetBytes;
      const batch = { buffer, offset, stride: packetBytes, packetBytes, count };
      for (const listener of this.#listeners.keys()) listener.packets(batch);
    }
  };
}
