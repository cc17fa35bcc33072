import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { concatBytes, fromHex, utf8 } from '../../src/bytes.ts';

// A USB/IP client of its own, written after the kernel's protocol document, so that it shares no
// mistakes with the server under test.

/** A device as the server describes it. */
export interface ImporterDevice {
  readonly path: string;
  readonly busId: string;
  readonly busNumber: number;
  readonly deviceNumber: number;
  readonly speed: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly deviceVersion: number;
  /** Class, subclass, protocol, configuration value, number of configurations, of interfaces. */
  readonly bytes: readonly number[];
  /** Class, subclass, protocol of each; only in a list. */
  readonly interfaces: number[][];
}

/** How a transfer ended. */
export interface ImporterReply {
  readonly status: number;
  readonly byteCount: number;
  /** Of a transfer in. */
  readonly data: Uint8Array;
  /** The 48 bytes in front. */
  readonly header: Uint8Array;
}

interface Awaited {
  readonly isIn: boolean;
  resolve(reply: ImporterReply): void;
  reject(error: Error): void;
}

export interface ImporterTransfer {
  readonly endpoint: number;
  /** Room for what comes in; without it the transfer goes out. */
  readonly room?: number;
  readonly data?: Uint8Array;
  readonly flags?: number;
  readonly setup?: Uint8Array;
}

export class Importer {
  readonly stream: Duplex;
  /** Whether the server has ended the connection. */
  closed = false;
  /** Replies that nobody waits for. */
  readonly stray: Uint8Array[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  #read:
    | { count: number; resolve(bytes: Uint8Array): void; reject(error: Error): void }
    | undefined;
  #sequence = 0;
  #deviceId = 0;
  #imported = false;
  readonly #awaited = new Map<number, Awaited>();

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on('data', (chunk: Uint8Array) => {
      this.#bytes = concatBytes(this.#bytes, chunk);
      this.#settle();
    });
    stream.on('error', () => {});
    for (const end of ['end', 'close']) {
      stream.on(end, () => {
        this.closed = true;
        const error = new Error('the server has closed the connection');
        this.#read?.reject(error);
        for (const { reject } of this.#awaited.values()) reject(error);
        this.#awaited.clear();
      });
    }
  }

  static async connect(path: string): Promise<Importer> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new Importer(socket);
  }

  async list(): Promise<ImporterDevice[]> {
    this.stream.write(fromHex('0111800500000000'));
    const head = await this.read(12);
    expectHex(head.subarray(0, 8), '0111000500000000');
    const devices: ImporterDevice[] = [];
    for (let left = view(head).getUint32(8); left > 0; left--) {
      const device = readDevice(await this.read(0x138));
      for (let i = 0; i < (device.bytes[5] ?? 0); i++) {
        device.interfaces.push([...(await this.read(4))]);
      }
      devices.push(device);
    }
    return devices;
  }

  /** Undefined when the server refuses. */
  async import(busId: string): Promise<ImporterDevice | undefined> {
    const id = new Uint8Array(32);
    id.set(utf8(busId));
    this.stream.write(concatBytes(fromHex('0111800300000000'), id));
    const head = await this.read(8);
    expectHex(head.subarray(0, 4), '01110003');
    if (view(head).getUint32(4) !== 0) return undefined;
    const device = readDevice(await this.read(0x138));
    this.#deviceId = (device.busNumber << 16) | device.deviceNumber;
    this.#imported = true;
    this.#settle();
    return device;
  }

  /** Sends a submit and gives its sequence number and its reply. */
  submit(transfer: ImporterTransfer): { sequence: number; reply: Promise<ImporterReply> } {
    const sequence = ++this.#sequence;
    const reply = this.#awaitReply(sequence, transfer.room !== undefined);
    this.stream.write(this.encode(sequence, transfer));
    return { sequence, reply };
  }

  encode(sequence: number, transfer: ImporterTransfer): Uint8Array {
    const { endpoint, room, data = new Uint8Array(0), flags = 0, setup } = transfer;
    const header = new Uint8Array(48);
    const at = view(header);
    const isIn = room !== undefined ? 1 : 0;
    const fields = [1, sequence, this.#deviceId, isIn, endpoint, flags, room ?? data.length];
    for (const [i, value] of fields.entries()) at.setUint32(4 * i, value);
    at.setUint32(28, 0xffffffff);
    if (setup !== undefined) header.set(setup, 40);
    return concatBytes(header, data);
  }

  /** A transfer that has to come to its end. */
  transfer(transfer: ImporterTransfer): Promise<ImporterReply> {
    return this.submit(transfer).reply;
  }

  /** A control transfer: the setup packet in hexadecimal, and what it brings or takes. */
  control(setup: string, data?: Uint8Array): Promise<ImporterReply> {
    const bytes = fromHex(setup.replaceAll(' ', ''));
    const length = view(bytes).getUint16(6, true);
    const isIn = ((bytes[0] as number) & 0x80) !== 0;
    return this.transfer({
      endpoint: 0,
      setup: bytes,
      ...(isIn ? { room: length } : { data: data ?? new Uint8Array(length) }),
    });
  }

  /** Takes a transfer back; gives the status of the answer. */
  async unlink(unlinkSequence: number): Promise<number> {
    const sequence = ++this.#sequence;
    const header = new Uint8Array(48);
    const at = view(header);
    const fields = [2, sequence, this.#deviceId, 0, 0, unlinkSequence];
    for (const [i, value] of fields.entries()) at.setUint32(4 * i, value);
    const reply = this.#awaitReply(sequence, false);
    this.stream.write(header);
    const { status, header: answer } = await reply;
    if (view(answer).getUint32(0) !== 4) throw new Error('not the answer to an unlink');
    this.#awaited.get(unlinkSequence)?.reject(new Error('unlinked'));
    this.#awaited.delete(unlinkSequence);
    return status;
  }

  /** GET_DESCRIPTOR and SET_CONFIGURATION, as a kernel does first. */
  async configure(): Promise<void> {
    await this.control('80 06 00 01 00 00 12 00');
    const { status } = await this.control('00 09 01 00 00 00 00 00');
    if (status !== 0) throw new Error(`SET_CONFIGURATION ended with ${status}`);
  }

  read(count: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.closed) reject(new Error('the server has closed the connection'));
      this.#read = { count, resolve, reject };
      this.#settle();
    });
  }

  #take(count: number): Uint8Array {
    const taken = this.#bytes.slice(0, count);
    this.#bytes = this.#bytes.slice(count);
    return taken;
  }

  #settle(): void {
    const read = this.#read;
    if (read !== undefined && this.#bytes.length >= read.count) {
      this.#read = undefined;
      read.resolve(this.#take(read.count));
    }
    while (this.#imported && this.#bytes.length >= 48) {
      const at = view(this.#bytes);
      const sequence = at.getUint32(4);
      const awaited = this.#awaited.get(sequence);
      const byteCount = at.getUint32(0) === 3 ? at.getUint32(24) : 0;
      const dataBytes = awaited?.isIn ? byteCount : 0;
      if (this.#bytes.length < 48 + dataBytes) return;
      const header = this.#take(48);
      const data = this.#take(dataBytes);
      if (awaited === undefined) this.stray.push(header);
      else awaited.resolve({ status: view(header).getInt32(20), byteCount, data, header });
      this.#awaited.delete(sequence);
    }
  }

  #awaitReply(sequence: number, isIn: boolean): Promise<ImporterReply> {
    const reply = new Promise<ImporterReply>((resolve, reject) => {
      this.#awaited.set(sequence, { isIn, resolve, reject });
    });
    // Whoever does not care for it does not wait for it.
    reply.catch(() => {});
    return reply;
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function expectHex(bytes: Uint8Array, hex: string): void {
  const found = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found !== hex) throw new Error(`expected ${hex}, got ${found}`);
}

function readDevice(bytes: Uint8Array): ImporterDevice {
  const text = (from: number, to: number) => {
    const field = bytes.subarray(from, to);
    return new TextDecoder().decode(field.subarray(0, field.indexOf(0)));
  };
  const at = view(bytes);
  return {
    path: text(0, 256),
    busId: text(256, 288),
    busNumber: at.getUint32(288),
    deviceNumber: at.getUint32(292),
    speed: at.getUint32(296),
    vendorId: at.getUint16(300),
    productId: at.getUint16(302),
    deviceVersion: at.getUint16(304),
    bytes: [...bytes.subarray(306, 312)],
    interfaces: [],
  };
}
