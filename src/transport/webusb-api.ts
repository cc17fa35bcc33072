// The part of the W3C WebUSB API (https://wicg.github.io/webusb/) that the transport uses, as plain
// interfaces: a page's `navigator.usb` fits them, and so does what stands in for it in Node. The
// published declarations of the whole API need a browser's types, which programs for Node lack.

/** `navigator.usb`, or what stands in for it. */
export interface WebUsb {
  /** The devices that this program may use already. */
  getDevices(): Promise<WebUsbDevice[]>;
  /** Lets a person choose a device. */
  requestDevice(options: { filters: WebUsbFilter[] }): Promise<WebUsbDevice>;
  addEventListener(type: 'disconnect', listener: (event: WebUsbEvent) => void): void;
  removeEventListener(type: 'disconnect', listener: (event: WebUsbEvent) => void): void;
}

/** What a device must have to be offered to a person. */
export interface WebUsbFilter {
  vendorId?: number;
  productId?: number;
  classCode?: number;
  subclassCode?: number;
  protocolCode?: number;
}

/** Tells that a device has gone. */
export interface WebUsbEvent {
  readonly device: WebUsbDevice;
}

/** A USB device. Its calls reject with a `DOMException`, or in Node with an `Error`. */
export interface WebUsbDevice {
  readonly vendorId: number;
  readonly productId: number;
  readonly productName?: string | null | undefined;
  readonly serialNumber?: string | null | undefined;
  readonly configuration?: WebUsbConfiguration | null | undefined;
  readonly configurations: readonly WebUsbConfiguration[];
  open(): Promise<void>;
  close(): Promise<void>;
  selectConfiguration(configurationValue: number): Promise<void>;
  claimInterface(interfaceNumber: number): Promise<void>;
  releaseInterface(interfaceNumber: number): Promise<void>;
  clearHalt(direction: 'in' | 'out', endpointNumber: number): Promise<void>;
  transferIn(endpointNumber: number, length: number): Promise<WebUsbInResult>;
  transferOut(endpointNumber: number, data: UnsharedBytes): Promise<WebUsbOutResult>;
}

/** Bytes in memory that no other thread has; what the API asks for. */
export type UnsharedBytes = ArrayBufferView & { readonly buffer: ArrayBuffer };

export interface WebUsbConfiguration {
  readonly configurationValue: number;
  readonly interfaces: readonly WebUsbInterface[];
}

export interface WebUsbInterface {
  readonly interfaceNumber: number;
  readonly alternate: WebUsbAlternate;
}

export interface WebUsbAlternate {
  readonly interfaceClass: number;
  readonly interfaceSubclass: number;
  readonly interfaceProtocol: number;
  readonly endpoints: readonly WebUsbEndpoint[];
}

export interface WebUsbEndpoint {
  readonly endpointNumber: number;
  readonly direction: 'in' | 'out';
  readonly type: 'bulk' | 'interrupt' | 'isochronous';
}

export interface WebUsbInResult {
  readonly status?: 'ok' | 'stall' | 'babble' | undefined;
  readonly data?: DataView | undefined;
}

export interface WebUsbOutResult {
  readonly status?: 'ok' | 'stall' | 'babble' | undefined;
}
