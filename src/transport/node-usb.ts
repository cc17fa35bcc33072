import type { ConfigDescriptor, Device, WebUSBDevice } from 'usb';
import { usbIds } from '../protocol/usb/index.ts';
import type { FaceSource } from './discovery.ts';
import { isPresent, linuxPath, linuxText, portOf } from './linux-usb.ts';
import { importNative } from './native.ts';
import { findVendorFaces, type Place } from './webusb.ts';
import type {
  UnsharedBytes,
  WebUsb,
  WebUsbConfiguration,
  WebUsbDevice,
  WebUsbEvent,
} from './webusb-api.ts';

// The package `usb` 2.x (libusb) has W3C devices. What sets them apart from a browser's stays here.

type UsbPackage = typeof import('usb');

/** One for the process: it keeps what it knows of the devices. */
let shared: Promise<NodeUsb> | undefined;

/**
 * Finds the vendor faces that are attached, whether or not this program may open them.
 *
 * @throws DongleError `UNSUPPORTED` where the package cannot be loaded
 */
export async function findNodeVendorFaces(): Promise<FaceSource[]> {
  shared ??= importNative('usb', () => import('usb')).then((usb) => new NodeUsb(usb));
  const usb = await shared;
  return findVendorFaces(usb, (device) => usb.placeOf(device));
}

/** The machine's dongles as `navigator.usb` would give them. */
class NodeUsb implements WebUsb {
  readonly #package: UsbPackage;
  readonly #devices = new WeakMap<Device, NodeUsbDevice>();
  readonly #watches = new WeakMap<(event: WebUsbEvent) => void, (raw: Device) => void>();

  constructor(usbPackage: UsbPackage) {
    this.#package = usbPackage;
  }

  // Not the package's own list, which opens all that it shows and leaves out what it cannot open.
  async getDevices(): Promise<WebUsbDevice[]> {
    const ours = this.#package.getDeviceList().filter(({ deviceDescriptor }) => {
      const { idVendor, idProduct } = deviceDescriptor;
      return idVendor === usbIds.vendorId && idProduct === usbIds.productId;
    });
    const devices = await Promise.all(ours.map((raw) => this.#deviceOf(raw)));
    return devices.filter((device) => device !== undefined);
  }

  requestDevice(): Promise<never> {
    return Promise.reject(new Error('there is nobody to choose'));
  }

  // The package's own event is lost when somebody lists the devices at the wrong moment. While
  // somebody listens, libusb's watch on the bus keeps the process alive.
  addEventListener(_type: 'disconnect', listener: (event: WebUsbEvent) => void): void {
    const onDetach = (raw: Device) => {
      const device = this.#devices.get(raw);
      if (device !== undefined) listener({ device });
    };
    this.#watches.set(listener, onDetach);
    this.#package.usb.on('detach', onDetach);
  }

  removeEventListener(_type: 'disconnect', listener: (event: WebUsbEvent) => void): void {
    const onDetach = this.#watches.get(listener);
    if (onDetach !== undefined) this.#package.usb.off('detach', onDetach);
  }

  placeOf(device: WebUsbDevice): Place {
    const { raw } = device as NodeUsbDevice;
    return { path: linuxPath(raw), location: portOf(raw) };
  }

  /** Undefined for a device that has gone. */
  async #deviceOf(raw: Device): Promise<NodeUsbDevice | undefined> {
    if (!(await isPresent(raw))) return undefined;
    let device = this.#devices.get(raw);
    if (device === undefined) {
      device = new NodeUsbDevice(this.#package, raw);
      this.#devices.set(raw, device);
    }
    await device.readStrings();
    return device;
  }
}

/** A device of the package, which is opened for nothing but its use. */
class NodeUsbDevice implements WebUsbDevice {
  readonly raw: Device;
  readonly configurations: readonly WebUsbConfiguration[];
  productName: string | undefined;
  serialNumber: string | undefined;
  readonly #package: UsbPackage;
  #reading: Promise<void> | undefined;
  /** The package's device, which cannot be had without opening it once. */
  #device: Promise<WebUSBDevice> | undefined;

  constructor(usbPackage: UsbPackage, raw: Device) {
    this.#package = usbPackage;
    this.raw = raw;
    this.configurations = raw.allConfigDescriptors.map(webConfiguration);
  }

  get vendorId(): number {
    return this.raw.deviceDescriptor.idVendor;
  }

  get productId(): number {
    return this.raw.deviceDescriptor.idProduct;
  }

  get configuration(): WebUsbConfiguration | null {
    const value = this.raw.configDescriptor?.bConfigurationValue;
    return this.configurations.find((each) => each.configurationValue === value) ?? null;
  }

  /** Reads product and serial, unless they are known; a device that may not be opened has none. */
  async readStrings(): Promise<void> {
    if (this.serialNumber !== undefined) return;
    this.#reading ??= this.#readStrings();
    await this.#reading;
    this.#reading = undefined;
  }

  async #readStrings(): Promise<void> {
    this.serialNumber = await linuxText(this.raw, 'serial');
    this.productName = await linuxText(this.raw, 'product');
    if (this.serialNumber !== undefined) return;
    const device = await this.#opened().catch(() => undefined);
    this.serialNumber = device?.serialNumber ?? undefined;
    this.productName = device?.productName ?? undefined;
  }

  async open(): Promise<void> {
    await (await this.#opened()).open();
  }

  async close(): Promise<void> {
    await (await this.#device)?.close();
  }

  async selectConfiguration(configurationValue: number): Promise<void> {
    await (await this.#opened()).selectConfiguration(configurationValue);
  }

  async claimInterface(interfaceNumber: number): Promise<void> {
    await (await this.#opened()).claimInterface(interfaceNumber);
  }

  async releaseInterface(interfaceNumber: number): Promise<void> {
    await (await this.#opened()).releaseInterface(interfaceNumber);
  }

  /**
   * The package's device sends the bare request, after which the host's controller is out of step
   * with the device; libusb's own call sets both ends back.
   */
  clearHalt(direction: 'in' | 'out', endpointNumber: number): Promise<void> {
    const address = endpointNumber | (direction === 'in' ? 0x80 : 0);
    return new Promise((resolve, reject) => {
      this.raw.__clearHalt(address, (error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  async transferIn(endpointNumber: number, length: number) {
    return (await this.#opened()).transferIn(endpointNumber, length);
  }

  async transferOut(endpointNumber: number, data: UnsharedBytes) {
    // The declarations say ArrayBuffer where it takes any view, as the standard has it.
    return (await this.#opened()).transferOut(endpointNumber, data as unknown as ArrayBuffer);
  }

  #opened(): Promise<WebUSBDevice> {
    if (this.#device === undefined) {
      // No driver is bound to our interface.
      const opening = this.#package.WebUSBDevice.createInstance(this.raw, false);
      this.#device = opening;
      // What cannot be opened now may be later.
      opening.catch(() => {
        this.#device = undefined;
      });
    }
    return this.#device;
  }
}

function webConfiguration(descriptor: ConfigDescriptor): WebUsbConfiguration {
  return {
    configurationValue: descriptor.bConfigurationValue,
    interfaces: descriptor.interfaces.flatMap(([alternate]) => {
      if (alternate === undefined) return [];
      return {
        interfaceNumber: alternate.bInterfaceNumber,
        alternate: {
          interfaceClass: alternate.bInterfaceClass,
          interfaceSubclass: alternate.bInterfaceSubClass,
          interfaceProtocol: alternate.bInterfaceProtocol,
          endpoints: alternate.endpoints.map(({ bEndpointAddress, bmAttributes }) => ({
            endpointNumber: bEndpointAddress & 0x7f,
            direction: (bEndpointAddress & 0x80) === 0 ? ('out' as const) : ('in' as const),
            // USB 2.0 §9.6.6: the transfer type is in the low two bits.
            type: (['isochronous', 'isochronous', 'bulk', 'interrupt'] as const)[
              (bmAttributes & 3) as 0 | 1 | 2 | 3
            ],
          })),
        },
      };
    }),
  };
}
