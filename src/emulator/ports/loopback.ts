import { DongleError } from '../../errors.ts';
import type { FaceName, Link, LinkListener, LinkSource, PacketBatch } from '../../link.ts';
import type { UsbFace } from '../board/usb-controller.ts';
import type { EmulatedDongle } from '../emulated-dongle.ts';

/**
 * A USB port in the same process: plug the dongle in, and open its faces as the system would.
 *
 * The HID face behaves as hidraw: any number of programs may open it, and each gets every packet.
 * The vendor face is claimed by one program at a time.
 */
export class LoopbackPort {
  readonly #dongle: EmulatedDongle;
  readonly #buses: ReadonlyMap<FaceName, FaceBus>;
  #plugged = false;

  constructor(dongle: EmulatedDongle) {
    this.#dongle = dongle;
    this.#buses = new Map(dongle.board.usb.faces.map((face) => [face.name, new FaceBus(face)]));
  }

  /** Plugs the dongle in: it gets power, boots and is configured. */
  async plug(): Promise<void> {
    await this.#dongle.powerOn();
    // Plugged in twice at once, or pulled out again while it booted.
    if (this.#plugged || !this.#dongle.on) return;
    this.#plugged = true;
    this.#dongle.board.usb.configure();
  }

  /** Pulls the dongle out: open links are detached, and the dongle loses power. */
  unplug(): void {
    this.#plugged = false;
    for (const bus of this.#buses.values()) bus.detach();
    this.#dongle.powerOff();
  }

  /** Resets the bus and configures the dongle anew; open links are detached, power stays. */
  reset(): void {
    for (const bus of this.#buses.values()) bus.detach();
    this.#dongle.board.usb.reset();
    this.#dongle.board.usb.configure();
  }

  /** One face of the dongle, to be opened by `connect()`. */
  source(face: FaceName): LinkSource {
    const bus = this.#buses.get(face) as FaceBus;
    return {
      face,
      open: async (listener) => {
        if (!this.#plugged) throw new DongleError('NOT_FOUND');
        return bus.open(listener);
      },
    };
  }
}

/** One face as the host's side of the bus sees it. */
class FaceBus {
  readonly #face: UsbFace;
  readonly #listeners = new Set<LinkListener>();
  #pumping = false;
  #pumpings = 0;

  constructor(face: UsbFace) {
    this.#face = face;
    face.in.watch(() => this.#wake());
  }

  open(listener: LinkListener): Link {
    if (this.#face.name === 'vendor' && this.#listeners.size > 0) {
      throw new DongleError(
        'LINK_FAILED',
        'Another program has claimed the dongle’s vendor interface; close it and try again.',
      );
    }
    this.#listeners.add(listener);
    this.#wake();
    const { name: face, packetBytes } = this.#face;
    return {
      face,
      packetBytes,
      headroomBytes: 0,
      send: (batch) =>
        this.#listeners.has(listener)
          ? this.#send(listener, batch)
          : Promise.reject(new DongleError('DETACHED')),
      close: async () => {
        this.#listeners.delete(listener);
      },
    };
  }

  detach(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener.detached(new DongleError('DETACHED'));
  }

  async #send(listener: LinkListener, batch: PacketBatch): Promise<void> {
    let sent = 0;
    for (;;) {
      let retry = () => {};
      const ready = new Promise<void>((resolve) => {
        retry = resolve;
      });
      sent += this.#face.out.offer(batch, sent, retry);
      if (sent === batch.count) return;
      await ready;
      if (!this.#listeners.has(listener)) throw new DongleError('DETACHED');
    }
  }

  /** The host's controller polls the IN endpoint while somebody has the face open. */
  #wake(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    // A bus takes its time. Here, two programs that only ever wait for each other would keep every
    // timer of the process from firing, so now and then they have to let others pass.
    if (++this.#pumpings % 32 === 0) setImmediate(this.#pump);
    else queueMicrotask(this.#pump);
  }

  readonly #pump = (): void => {
    this.#pumping = false;
    while (this.#listeners.size > 0 && this.#face.in.read((batch) => this.#deliver(batch))) {}
  };

  #deliver(batch: PacketBatch): void {
    if (this.#face.name === 'vendor') {
      for (const listener of this.#listeners) listener.packets(batch);
      return;
    }
    // An interrupt endpoint gives one report at a time.
    const { buffer, stride, packetBytes } = batch;
    for (let i = 0; i < batch.count; i++) {
      const report = { buffer, offset: batch.offset + i * stride, stride, packetBytes, count: 1 };
      for (const listener of this.#listeners) listener.packets(report);
    }
  }
}
