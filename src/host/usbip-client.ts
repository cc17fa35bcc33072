import { connect, type Socket } from 'node:net';
import { concatBytes, noBytes } from '../bytes.ts';
import { DongleError } from '../errors.ts';
import {
  type DeviceRecord,
  deviceRecord,
  formatUsbIpAddress,
  Intake,
  importRequest,
  interfaceRecord,
  keepAliveMs,
  listReply,
  operationHeader,
  operations,
  type UsbIpAddress,
  usbIpVersion,
} from '../protocol/usbip/index.ts';

/** How long a server may take for one exchange, in milliseconds. */
const exchangeTimeoutMs = 10_000;

/** More devices than this no server lists. */
const maxDevices = 1024;

/** A dongle imported: the connection that its transfers go over, and what it is. */
export interface Imported {
  readonly socket: Socket;
  readonly record: DeviceRecord;
}

/**
 * Asks a USB/IP server what it exports.
 *
 * @throws DongleError `LINK_FAILED` where no server answers, `PROTOCOL` where it is none
 */
export async function listExported(address: UsbIpAddress): Promise<DeviceRecord[]> {
  const exchange = await Exchange.begin(address);
  try {
    await exchange.ask(operations.listRequest, operations.listReply);
    const { deviceCount } = listReply.read(await exchange.read(listReply.byteCount));
    if (deviceCount > maxDevices) throw notUsbIp(address);
    const devices: DeviceRecord[] = [];
    for (let i = 0; i < deviceCount; i++) {
      const record = deviceRecord.read(await exchange.read(deviceRecord.byteCount));
      await exchange.read(record.interfaceCount * interfaceRecord.byteCount);
      devices.push(record);
    }
    return devices;
  } finally {
    exchange.socket.destroy();
  }
}

/**
 * Imports a device. Nothing is read from the socket any more, which is the caller's.
 *
 * @throws DongleError `NOT_FOUND` where the server has no such device, `LINK_FAILED` where another
 * has imported it or no server answers, `PROTOCOL` where it is none
 */
export async function importExported(address: UsbIpAddress, busId: string): Promise<Imported> {
  const exchange = await Exchange.begin(address);
  let imported: Imported | undefined;
  try {
    const request = importRequest.write({ busId });
    const status = await exchange.ask(operations.importRequest, operations.importReply, request);
    if (status === 0) {
      const record = deviceRecord.read(await exchange.read(deviceRecord.byteCount));
      if (record.busId !== busId) throw notUsbIp(address);
      imported = { socket: exchange.release(), record };
    }
  } finally {
    if (imported === undefined) exchange.socket.destroy();
  }
  return imported ?? Promise.reject(await explainRefusal(address, busId));
}

/** Older servers say no and not why; the list of any of them tells. */
async function explainRefusal(address: UsbIpAddress, busId: string): Promise<DongleError> {
  const busIds = (await listExported(address)).map((each) => each.busId);
  const place = formatUsbIpAddress(address);
  if (busIds.includes(busId)) {
    return new DongleError(
      'LINK_FAILED',
      `${busId} at ${place} is attached already, here or elsewhere; detach it there first.`,
    );
  }
  return new DongleError(
    'NOT_FOUND',
    `There is no ${busId} at ${place}; it exports ${busIds.join(', ') || 'nothing'}.`,
  );
}

/** A connection to a server while questions and answers go over it. */
class Exchange {
  readonly socket: Socket;
  readonly #address: UsbIpAddress;
  readonly #intake = new Intake();
  readonly #deadline: NodeJS.Timeout;
  #failed: DongleError | undefined;
  #wake = () => {};

  private constructor(address: UsbIpAddress) {
    this.#address = address;
    this.socket = 'path' in address ? connect(address.path) : connect(address.port, address.host);
    this.socket.setNoDelay(true);
    // Stays with the connection when the kernel takes it.
    this.socket.setKeepAlive(true, keepAliveMs);
    this.socket.on('data', this.#take);
    this.socket.on('error', this.#fail);
    this.socket.on('close', this.#fail);
    this.#deadline = setTimeout(this.#fail, exchangeTimeoutMs);
  }

  static async begin(address: UsbIpAddress): Promise<Exchange> {
    const exchange = new Exchange(address);
    exchange.socket.on('connect', () => exchange.#wake());
    await exchange.#until(() => !exchange.socket.connecting);
    return exchange;
  }

  /** Sends a request and reads the header of its answer, whose status it gives. */
  async ask(code: number, answer: number, body = noBytes): Promise<number> {
    const header = operationHeader.write({ version: usbIpVersion, code, status: 0 });
    this.socket.write(concatBytes(header, body));
    const reply = operationHeader.read(await this.read(operationHeader.byteCount));
    if (reply.version !== usbIpVersion || reply.code !== answer) throw notUsbIp(this.#address);
    return reply.status;
  }

  async read(byteCount: number): Promise<Uint8Array> {
    let bytes: Uint8Array | undefined;
    await this.#until(() => {
      bytes ??= this.#intake.take(byteCount);
      return bytes !== undefined;
    });
    return bytes as Uint8Array;
  }

  /** Leaves the socket to another. */
  release(): Socket {
    clearTimeout(this.#deadline);
    this.socket.off('data', this.#take);
    this.socket.pause();
    return this.socket;
  }

  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      if (this.#failed !== undefined) throw this.#failed;
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }

  readonly #take = (chunk: Uint8Array): void => {
    this.#intake.push(chunk);
    this.#wake();
  };

  readonly #fail = (cause?: unknown): void => {
    clearTimeout(this.#deadline);
    // One that is still connecting would keep the process alive for minutes.
    this.socket.destroy();
    this.#failed ??= new DongleError(
      'LINK_FAILED',
      `No USB/IP server answers at ${formatUsbIpAddress(this.#address)}; start one with: latchkey emulate --usbip ${formatUsbIpAddress(this.#address)}`,
      { cause },
    );
    this.#wake();
  };
}

function notUsbIp(address: UsbIpAddress): DongleError {
  return new DongleError(
    'PROTOCOL',
    `What answers at ${formatUsbIpAddress(address)} is not a USB/IP server; check the address.`,
  );
}
