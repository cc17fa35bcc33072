import { DongleError } from '../../errors.ts';
import type { FaceName, Link, LinkListener, LinkSource, PacketBatch } from '../../link.ts';
import { usbFunctions } from '../../protocol/usb/index.ts';
import type { InEndpoint, OutEndpoint } from '../board/endpoints.ts';
import type { UsbController, UsbSpeed } from '../board/usb-controller.ts';
import type { EmulatedDongle } from '../emulated-dongle.ts';

/** SET_CONFIGURATION of the only configuration, as the host's system sends it (USB 2.0 §9.4.7). */
const setConfiguration = Uint8Array.of(0x00, 0x09, 1, 0, 0, 0, 0, 0);

/**
 * A USB port in the same process: plug the dongle in, and open its faces as the system would.
 *
 * The HID face behaves as hidraw: any number of programs may open it, and each gets every packet.
 * The vendor face is claimed by one program at a time.
 */
export class LoopbackPort {
  readonly #dongle: EmulatedDongle;
  readonly #buses: Readonly<Record<FaceName, FaceBus>>;
  #speed: UsbSpeed = 'high';
  #plugged = false;
  #unplugs = 0;

  constructor(dongle: EmulatedDongle) {
    this.#dongle = dongle;
    const { usb } = dongle.board;
    this.#buses = { hid: new FaceBus('hid', usb), vendor: new FaceBus('vendor', usb) };
  }

  /** Plugs the dongle in: it gets power, boots and is configured, at high speed unless told. */
  async plug(options: { speed?: UsbSpeed } = {}): Promise<void> {
    const unplugs = this.#unplugs;
    await this.#dongle.powerOn();
    // Plugged in twice at once, or pulled out while it booted, and perhaps plugged in anew.
    if (this.#plugged || this.#unplugs !== unplugs) return;
    this.#plugged = true;
    this.#speed = options.speed ?? 'high';
    this.#configure();
  }

  /** Pulls the dongle out: open links are detached, and the dongle loses power. */
  unplug(): void {
    this.#plugged = false;
    this.#unplugs++;
    this.#detach();
    this.#dongle.powerOff();
  }

  /** Resets the bus and configures the dongle anew; open links are detached, power stays. */
  reset(): void {
    this.#detach();
    this.#configure();
  }

  /** One face of the dongle, to be opened by `connect()`. */
  source(face: FaceName): LinkSource {
    const bus = this.#buses[face];
    return {
      face,
      open: async (listener) => {
        if (!this.#plugged) throw new DongleError('NOT_FOUND');
        return bus.open(listener);
      },
    };
  }

  #detach(): void {
    for (const bus of Object.values(this.#buses)) bus.detach();
  }

  #configure(): void {
    const { usb } = this.#dongle.board;
    usb.reset(this.#speed);
    usb.control(setConfiguration);
  }
}

/** One face as the host's side of the bus sees it. */
class FaceBus {
  readonly #face: FaceName;
  readonly #packetBytes: number;
  readonly #out: OutEndpoint;
  readonly #in: InEndpoint;
  readonly #listeners = new Set<LinkListener>();
  /** The transfer that waits for the dongle to take more. */
  #held: Promise<void> | undefined;
  #pumping = false;
  #pumpings = 0;

  constructor(face: FaceName, usb: UsbController) {
    const { packetBytes, outAddress, inAddress } = usbFunctions[face];
    this.#face = face;
    this.#packetBytes = packetBytes;
    this.#out = usb.outEndpoint(outAddress) as OutEndpoint;
    this.#in = usb.inEndpoint(inAddress) as InEndpoint;
    this.#in.watch(() => this.#wake());
  }

  open(listener: LinkListener): Link {
    if (this.#face === 'vendor' && this.#listeners.size > 0) {
      throw new DongleError(
        'LINK_FAILED',
        'Another program has claimed the dongle’s vendor interface; close it and try again.',
      );
    }
    this.#listeners.add(listener);
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
    const listeners = [...this.#listeners];
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
    if (++this.#pumpings % 32 === 0) setImmediate(this.#pump);
    else queueMicrotask(this.#pump);
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
      for (const listener of this.#listeners) listener.packets(batch);
    }
  };
}
