import type { UsbSpeed } from '../../src/emulator/board/usb-controller.ts';
import type { EmulatedDongle } from '../../src/emulator/index.ts';
import { type Ending, EndpointPipe } from './endpoint-pipe.ts';

/** What a host and a bus take their time for. Without it, everything happens at once. */
export interface Pacing {
  /** Between a program and the controller. */
  overhead(): Promise<void>;
  /** Until the bus has carried so many bytes from or to an endpoint. */
  carry(address: number, byteCount: number): Promise<void>;
}

export interface HostOptions {
  readonly speed?: UsbSpeed;
  readonly pacing?: Pacing;
  /** Whether the system chooses a configuration, as all but a few do. */
  readonly configure?: boolean;
}

/** An interface as the descriptors tell it, in its first setting. */
export interface DescribedInterface {
  readonly interfaceNumber: number;
  readonly interfaceClass: number;
  readonly interfaceSubclass: number;
  readonly interfaceProtocol: number;
  readonly endpoints: readonly { readonly address: number; readonly attributes: number }[];
}

/** What the host has read of a device. */
export interface Description {
  readonly vendorId: number;
  readonly productId: number;
  readonly productName: string;
  readonly serialNumber: string;
  readonly configurationValue: number;
  readonly interfaces: readonly DescribedInterface[];
}

/** One port of a machine's USB controller, and the system's core behind it, for one dongle. */
export class UsbHost {
  readonly #dongle: EmulatedDongle;
  readonly #speed: UsbSpeed;
  readonly #pacing: Pacing | undefined;
  readonly #configure: boolean;
  readonly #pipes = new Map<number, EndpointPipe>();
  readonly #onUnplug = new Set<() => void>();
  #description: Description | undefined;
  configured = false;
  /** Transfers that programs have asked for, by endpoint address. */
  readonly transfers = new Map<number, number>();
  /** Which program has claimed an interface. */
  readonly claims = new Map<number, object>();

  constructor(dongle: EmulatedDongle, options: HostOptions = {}) {
    this.#dongle = dongle;
    this.#speed = options.speed ?? 'high';
    this.#pacing = options.pacing;
    this.#configure = options.configure ?? true;
  }

  /** What is plugged in; undefined when nothing is. */
  get description(): Description | undefined {
    return this.#description;
  }

  /** Plugs the dongle in and enumerates it. */
  async plug(): Promise<void> {
    await this.#dongle.powerOn();
    this.#dongle.board.usb.reset(this.#speed);
    this.control([0x00, 0x05, 1, 0, 0, 0, 0, 0]);
    this.#description = this.#describe();
    if (this.#configure) this.setConfiguration(this.#description.configurationValue);
  }

  /** Pulls the dongle out: transfers fail, then the system tells the programs. */
  unplug(): void {
    this.#dongle.powerOff();
    this.#description = undefined;
    this.configured = false;
    this.claims.clear();
    for (const pipe of this.#pipes.values()) pipe.end('gone');
    this.#pipes.clear();
    setImmediate(() => {
      for (const tell of [...this.#onUnplug]) tell();
    });
  }

  /** Calls `tell` whenever the dongle was pulled out; returns what stops that. */
  onUnplug(tell: () => void): () => void {
    this.#onUnplug.add(tell);
    return () => this.#onUnplug.delete(tell);
  }

  setConfiguration(value: number): void {
    this.control([0x00, 0x09, value, 0, 0, 0, 0, 0]);
    this.configured = true;
  }

  clearHalt(address: number): void {
    this.control([0x02, 0x01, 0, 0, address, 0, 0, 0]);
  }

  /** Makes an endpoint answer STALL, as a device in trouble does. */
  halt(address: number): void {
    this.control([0x02, 0x03, 0, 0, address, 0, 0, 0]);
  }

  /**
   * A bulk or interrupt transfer for `owner`. `bytes` go out, or are to be filled. What a driver of
   * the system asks for itself is at the controller at once.
   */
  transfer(
    owner: object,
    address: number,
    bytes: Uint8Array,
    by: 'program' | 'driver' = 'program',
  ): Promise<Ending> {
    if (this.#description === undefined) return Promise.resolve({ status: 'gone', byteCount: 0 });
    this.transfers.set(address, (this.transfers.get(address) ?? 0) + 1);
    const reached = by === 'program' ? this.overhead() : undefined;
    return this.#pipe(address).submit(owner, bytes, reached);
  }

  /** What a host takes between a program and its controller; undefined when that is nothing. */
  overhead(): Promise<void> | undefined {
    return this.#pacing?.overhead();
  }

  /** Ends an owner's transfers on an endpoint. */
  cancel(owner: object, address: number): void {
    this.#pipes.get(address)?.end('cancelled', owner);
  }

  control(setup: readonly number[]): Uint8Array {
    const answer = this.#dongle.board.usb.control(Uint8Array.from(setup));
    if (answer === undefined) throw new Error(`request ${setup} was answered with STALL`);
    return answer;
  }

  #pipe(address: number): EndpointPipe {
    let pipe = this.#pipes.get(address);
    if (pipe === undefined) {
      pipe = new EndpointPipe(this.#dongle.board.usb, address, this.#pacing);
      this.#pipes.set(address, pipe);
    }
    return pipe;
  }

  /** GET_DESCRIPTOR (USB 2.0 §9.4.3). */
  #descriptor(type: number, index: number, language = 0): DataView {
    const [low, high] = [language & 0xff, language >> 8];
    const { buffer } = this.control([0x80, 0x06, index, type, low, high, 0xff, 0xff]);
    return new DataView(buffer);
  }

  #string(index: number): string {
    const bytes = new Uint8Array(this.#descriptor(3, index, 0x0409).buffer);
    return new TextDecoder('utf-16le').decode(bytes.subarray(2));
  }

  #describe(): Description {
    const device = this.#descriptor(1, 0);
    const configuration = this.#descriptor(2, 0);
    return {
      vendorId: device.getUint16(8, true),
      productId: device.getUint16(10, true),
      productName: this.#string(device.getUint8(15)),
      serialNumber: this.#string(device.getUint8(16)),
      configurationValue: configuration.getUint8(5),
      interfaces: interfacesOf(configuration),
    };
  }
}

function interfacesOf(configuration: DataView): DescribedInterface[] {
  const interfaces: (DescribedInterface & {
    endpoints: { address: number; attributes: number }[];
  })[] = [];
  const byte = (at: number) => configuration.getUint8(at);
  for (let at = 0; at < configuration.byteLength; at += byte(at)) {
    if (byte(at + 1) === 4) {
      interfaces.push({
        interfaceNumber: byte(at + 2),
        interfaceClass: byte(at + 5),
        interfaceSubclass: byte(at + 6),
        interfaceProtocol: byte(at + 7),
        endpoints: [],
      });
    } else if (byte(at + 1) === 5) {
      interfaces.at(-1)?.endpoints.push({ address: byte(at + 2), attributes: byte(at + 3) });
    }
  }
  return interfaces;
}
