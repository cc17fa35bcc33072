import { EventEmitter } from 'node:events';
import { usbFunctions } from '../../src/protocol/usb/index.ts';
import type { HidDevice } from '../../src/transport/hid.ts';
import type { UsbHost } from './emulated-usb.ts';

const { inAddress, outAddress, packetBytes } = usbFunctions.hid;

/** The HID driver of a machine, for the dongle in one of its ports. */
export class EmulatedHidraw {
  readonly #host: UsbHost;
  readonly #openers = new Set<EmulatedHidDevice>();
  #reading = false;

  constructor(host: UsbHost) {
    this.#host = host;
    host.onUnplug(() => {
      for (const opener of this.#openers) opener.lose();
      this.#openers.clear();
    });
  }

  /** @param depth - writes that the system has under way at once; node-hid does one by one */
  open(depth = 1): EmulatedHidDevice {
    const device = new EmulatedHidDevice(this.#host, depth, () => this.#openers.delete(device));
    this.#openers.add(device);
    void this.#read();
    return device;
  }

  /** While somebody has it open, the driver reads, and everybody gets every report. */
  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    while (this.#openers.size > 0) {
      const report = new Uint8Array(packetBytes);
      const { status } = await this.#host.transfer(this, inAddress, report, 'driver');
      if (status !== 'ok') break;
      const arrived = this.#host.overhead();
      if (arrived === undefined) this.#deliver(report);
      else void arrived.then(() => this.#deliver(report));
    }
    this.#reading = false;
  }

  #deliver(report: Uint8Array): void {
    for (const opener of this.#openers) opener.emit('data', report.slice());
  }
}

/** An open device as node-hid 3.4 gives it: one queue, errors without codes. */
export class EmulatedHidDevice extends EventEmitter implements HidDevice {
  readonly #host: UsbHost;
  readonly #depth: number;
  readonly #onClose: () => void;
  readonly #queue: (() => Promise<void>)[] = [];
  #running = 0;
  #lost = false;
  /** How often it was closed; the second time fails. */
  closings = 0;
  /** Most writes that waited in the queue at once. */
  longestQueue = 0;

  constructor(host: UsbHost, depth: number, onClose: () => void) {
    super();
    this.#host = host;
    this.#depth = depth;
    this.#onClose = onClose;
    this.on('newListener', (name) => {
      if (name !== 'data') return;
      const isSecond = this.listenerCount('data') > 0;
      // Thrown where nobody can catch it, as node-hid does.
      process.nextTick(() => {
        if (isSecond) throw new TypeError('read is already running');
        if (this.closings > 0) throw new TypeError('device has been closed');
      });
    });
  }

  write(message: Buffer): Promise<number> {
    if (this.closings > 0) return Promise.reject(new TypeError('device has been closed'));
    // Copied at once, as node-hid does.
    const copy = Uint8Array.from(message);
    return this.#enqueue(async () => {
      if (copy[0] !== 0) throw new Error(`a report with the id ${copy[0]}`);
      const ending = this.#lost
        ? { status: 'gone' }
        : await this.#host.transfer(this, outAddress, copy.subarray(1));
      if (ending.status !== 'ok') throw new Error('Cannot write to hid device');
      return copy.length;
    });
  }

  close(): Promise<void> {
    if (++this.closings > 1) return Promise.reject(new TypeError('device is already closed'));
    return this.#enqueue(async () => {
      this.removeAllListeners();
      this.#onClose();
    });
  }

  /** The device was pulled out, and the read that waits notices. */
  lose(): void {
    this.#lost = true;
    this.emit(
      'error',
      'could not read from HID device: unexpected poll error (device disconnected)',
    );
  }

  #enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#queue.push(() => work().then(resolve, reject));
      this.longestQueue = Math.max(this.longestQueue, this.#queue.length);
      this.#start();
    });
  }

  #start(): void {
    if (this.#running === this.#depth) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#running++;
    void next().then(() => {
      this.#running--;
      this.#start();
    });
  }
}
