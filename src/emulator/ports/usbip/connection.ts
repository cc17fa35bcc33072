import type { Duplex } from 'node:stream';
import {
  encodeImport,
  encodeList,
  importStatus,
  RequestReader,
  type UsbIpRequest,
} from '../../../protocol/usbip/index.ts';
import type { BusPort } from './bus-port.ts';
import type { HostController } from './host-controller.ts';

/** How long a connection may take to ask for something, in milliseconds. */
const requestTimeoutMs = 10_000;

/** What a connection needs of its server. */
export interface ConnectionHost {
  readonly ports: readonly BusPort[];
  attached(busId: string): void;
  detached(busId: string): void;
  /** The connection is over; called once. */
  closed(connection: Connection): void;
}

/** One importer, over any stream: it asks for the list, or imports one dongle and uses it. */
export class Connection {
  readonly #stream: Duplex;
  readonly #host: ConnectionHost;
  readonly #reader = new RequestReader();
  readonly #deadline: NodeJS.Timeout;
  #port: BusPort | undefined;
  #controller: HostController | undefined;
  /** A request before the import is being answered; those behind it wait. */
  #answering = false;
  #pumping = false;
  #closed = false;

  constructor(stream: Duplex, host: ConnectionHost) {
    this.#stream = stream;
    this.#host = host;
    this.#deadline = setTimeout(() => this.close(), requestTimeoutMs);
    stream.on('data', (chunk: Uint8Array) => {
      this.#reader.push(chunk);
      this.#pump();
    });
    stream.on('drain', () => {
      this.#controller?.resume();
      this.#pump();
    });
    for (const end of ['end', 'error', 'close']) stream.on(end, () => this.close());
  }

  /** Ends it at once; an imported dongle is pulled out. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#deadline);
    this.#controller?.close();
    this.#port?.release();
    this.#stream.destroy();
    if (this.#controller !== undefined && this.#port !== undefined) {
      this.#host.detached(this.#port.busId);
    }
    this.#host.closed(this);
  }

  /** Works off what has come, unless something has to be waited for; then reading pauses too. */
  #pump(): void {
    // A stream in the same process may bring more while a reply is being written.
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#ready) {
        const request = this.#reader.next();
        if (request === undefined) break;
        this.#serve(request);
      }
    } finally {
      this.#pumping = false;
    }
    if (this.#closed) return;
    if (this.#ready) this.#stream.resume();
    else this.#stream.pause();
  }

  /** Whether another request may be served: an importer that does not read its replies gets none. */
  get #ready(): boolean {
    return !this.#closed && !this.#answering && !this.#stream.writableNeedDrain;
  }

  #serve(request: UsbIpRequest): void {
    if (request.kind === 'malformed') {
      this.close();
    } else if (request.kind === 'list') {
      this.#answer(this.#list());
    } else if (request.kind === 'import') {
      this.#answer(this.#import(request.busId));
    } else if (request.deviceId !== this.#port?.deviceId) {
      this.close();
    } else if (request.kind === 'submit') {
      this.#controller?.submit(request);
    } else {
      this.#controller?.unlink(request);
    }
  }

  #answer(answering: Promise<void>): void {
    this.#answering = true;
    answering
      .catch(() => this.close())
      .finally(() => {
        this.#answering = false;
        this.#pump();
      });
  }

  async #list(): Promise<void> {
    const listed = await Promise.allSettled(
      this.#host.ports.filter(({ isThere }) => isThere).map((port) => port.list()),
    );
    // A dongle that does not boot is not on the bus.
    this.#finish(
      encodeList(listed.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))),
    );
  }

  async #import(busId: string): Promise<void> {
    const port = this.#host.ports.find((each) => each.busId === busId && each.isThere);
    if (port === undefined || !port.claim(() => this.close())) {
      const { busy, notFound } = importStatus;
      this.#finish(encodeImport(port === undefined ? notFound : busy));
      return;
    }
    this.#port = port;
    const pluggedIn = await port.plug({
      send: (reply) => this.#send(reply),
      isReady: () => !this.#stream.writableNeedDrain,
    });
    if (pluggedIn === undefined || this.#closed) return;
    clearTimeout(this.#deadline);
    this.#controller = pluggedIn.controller;
    this.#reader.imported();
    this.#send(encodeImport(pluggedIn.record));
    this.#host.attached(busId);
  }

  #send(reply: Uint8Array): void {
    if (!this.#closed) this.#stream.write(reply);
  }

  /** Sends the last reply. */
  #finish(reply: Uint8Array): void {
    if (!this.#closed) this.#stream.end(reply, () => this.close());
  }
}
