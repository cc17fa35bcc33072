import type {
  UnsharedBytes,
  WebUsb,
  WebUsbConfiguration,
  WebUsbDevice,
  WebUsbEvent,
  WebUsbInResult,
  WebUsbOutResult,
} from '../../src/transport/webusb-api.ts';
import type { DescribedInterface, Description, UsbHost } from './emulated-usb.ts';

/** One program's WebUSB, on a machine with these ports. */
export class EmulatedWebUsb implements WebUsb {
  readonly #hosts: readonly UsbHost[];
  readonly #devices = new Map<Description, EmulatedWebUsbDevice>();
  readonly #listeners = new Map<(event: WebUsbEvent) => void, (() => void)[]>();

  constructor(...hosts: readonly UsbHost[]) {
    this.#hosts = hosts;
  }

  async getDevices(): Promise<EmulatedWebUsbDevice[]> {
    return this.#hosts.flatMap((host) => this.#deviceOf(host) ?? []);
  }

  async requestDevice(): Promise<WebUsbDevice> {
    const [device] = await this.getDevices();
    if (device === undefined) throw new DOMException('No device selected.', 'NotFoundError');
    return device;
  }

  addEventListener(_type: 'disconnect', listener: (event: WebUsbEvent) => void): void {
    const stops = this.#hosts.map((host) =>
      host.onUnplug(() => {
        for (const [description, device] of this.#devices) {
          if (device.host !== host || host.description === description) continue;
          listener({ device });
        }
      }),
    );
    this.#listeners.set(listener, stops);
  }

  removeEventListener(_type: 'disconnect', listener: (event: WebUsbEvent) => void): void {
    for (const stop of this.#listeners.get(listener) ?? []) stop();
    this.#listeners.delete(listener);
  }

  /** How many listeners there are; a real one keeps the process alive. */
  get listenerCount(): number {
    return this.#listeners.size;
  }

  #deviceOf(host: UsbHost): EmulatedWebUsbDevice | undefined {
    const { description } = host;
    if (description === undefined) return undefined;
    let device = this.#devices.get(description);
    if (device === undefined) {
      device = new EmulatedWebUsbDevice(host, description);
      this.#devices.set(description, device);
    }
    return device;
  }
}

/** A device as one program sees it; its errors are those that the specification names. */
export class EmulatedWebUsbDevice implements WebUsbDevice {
  readonly host: UsbHost;
  readonly #description: Description;
  readonly configurations: readonly WebUsbConfiguration[];
  /** What `open` fails with, if the system does not let this program. */
  refusal: Error | undefined;
  opened = false;
  pending = 0;

  constructor(host: UsbHost, description: Description) {
    this.host = host;
    this.#description = description;
    const { configurationValue, interfaces } = description;
    this.configurations = [{ configurationValue, interfaces: interfaces.map(webInterface) }];
  }

  get vendorId(): number {
    return this.#description.vendorId;
  }

  get productId(): number {
    return this.#description.productId;
  }

  get productName(): string {
    return this.#description.productName;
  }

  get serialNumber(): string {
    return this.#description.serialNumber;
  }

  get configuration(): WebUsbConfiguration | null {
    return this.host.configured ? (this.configurations[0] ?? null) : null;
  }

  async open(): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    this.#present();
    this.opened = true;
  }

  async close(): Promise<void> {
    if (this.pending > 0) throw new Error("Can't close device with a pending request");
    for (const { interfaceNumber } of this.#description.interfaces) this.#release(interfaceNumber);
    this.opened = false;
  }

  async selectConfiguration(value: number): Promise<void> {
    this.#mustBeOpen();
    this.host.setConfiguration(value);
  }

  async claimInterface(interfaceNumber: number): Promise<void> {
    this.#mustBeOpen();
    const owner = this.host.claims.get(interfaceNumber);
    if (owner !== undefined && owner !== this) {
      throw new DOMException('Unable to claim interface.', 'NetworkError');
    }
    this.host.claims.set(interfaceNumber, this);
  }

  async releaseInterface(interfaceNumber: number): Promise<void> {
    this.#mustBeOpen();
    this.#release(interfaceNumber);
  }

  async clearHalt(direction: 'in' | 'out', endpointNumber: number): Promise<void> {
    const address = endpointNumber | (direction === 'in' ? 0x80 : 0);
    this.#mustBeClaimed(address);
    this.host.clearHalt(address);
  }

  async transferIn(endpointNumber: number, length: number): Promise<WebUsbInResult> {
    const bytes = new Uint8Array(length);
    const { status, byteCount } = await this.#transfer(endpointNumber | 0x80, bytes);
    return { status, data: new DataView(bytes.buffer, 0, byteCount) };
  }

  async transferOut(endpointNumber: number, data: UnsharedBytes): Promise<WebUsbOutResult> {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const { status } = await this.#transfer(endpointNumber, bytes.slice());
    return { status };
  }

  async #transfer(address: number, bytes: Uint8Array) {
    this.#mustBeClaimed(address);
    this.pending++;
    try {
      const { status, byteCount } = await this.host.transfer(this, address, bytes);
      if (status === 'cancelled') {
        // Another thread tells, so it takes a moment.
        await new Promise((resolve) => setImmediate(resolve));
        throw new DOMException('The transfer was cancelled.', 'AbortError');
      }
      if (status === 'gone') {
        throw new DOMException('A transfer error has occurred.', 'NetworkError');
      }
      return { status, byteCount };
    } finally {
      this.pending--;
    }
  }

  #release(interfaceNumber: number): void {
    if (this.host.claims.get(interfaceNumber) !== this) return;
    this.host.claims.delete(interfaceNumber);
    for (const { address } of this.#interface(interfaceNumber)?.endpoints ?? []) {
      this.host.cancel(this, address);
    }
  }

  #interface(interfaceNumber: number): DescribedInterface | undefined {
    return this.#description.interfaces.find((each) => each.interfaceNumber === interfaceNumber);
  }

  #present(): void {
    if (this.host.description === this.#description) return;
    throw new DOMException('The device was disconnected.', 'NotFoundError');
  }

  #mustBeOpen(): void {
    this.#present();
    if (!this.opened)
      throw new DOMException('The device must be opened first.', 'InvalidStateError');
  }

  #mustBeClaimed(address: number): void {
    this.#mustBeOpen();
    const owner = this.#description.interfaces.find(({ endpoints }) =>
      endpoints.some((endpoint) => endpoint.address === address),
    );
    if (owner === undefined || this.host.claims.get(owner.interfaceNumber) !== this) {
      throw new DOMException('The endpoint is not part of a claimed interface.', 'NotFoundError');
    }
  }
}

function webInterface({ endpoints, interfaceNumber, ...alternate }: DescribedInterface) {
  const types = { 2: 'bulk', 3: 'interrupt' } as const;
  return {
    interfaceNumber,
    alternate: {
      ...alternate,
      endpoints: endpoints.map(({ address, attributes }) => ({
        endpointNumber: address & 0x7f,
        direction: (address & 0x80) === 0 ? ('out' as const) : ('in' as const),
        type: types[attributes as 2 | 3],
      })),
    },
  };
}
