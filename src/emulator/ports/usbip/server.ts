import type { Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { DongleError } from '../../../errors.ts';
import type { UsbIpAddress } from '../../../protocol/usbip/index.ts';
import type { UsbSpeed } from '../../board/usb-controller.ts';
import type { EmulatedDongle } from '../../emulated-dongle.ts';
import { BusPort } from './bus-port.ts';
import { Cable } from './cable.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import { isLoopback, listen } from './listen.ts';

/** A dongle to export. */
export interface UsbIpExport {
  /** Without power, and from here on the server's. */
  readonly dongle: EmulatedDongle;
  /** How fast its bus is: `high` unless given. */
  readonly speed?: UsbSpeed | undefined;
  /**
   * How many hosts it is for, each by a bus id of its own: 1 unless given. The dongle is with the
   * first one until `switchTo`.
   */
  readonly hosts?: number | undefined;
}

/** What a server tells. Both must not throw. */
export interface UsbIpEvents {
  /** An importer has plugged the dongle in. */
  attached?(busId: string): void;
  /** The dongle has been pulled out, from either side. */
  detached?(busId: string): void;
}

/** How many dongles fit on one bus. */
const maxBusIds = 127;

/**
 * A USB/IP server (Linux kernel, Documentation/usb/usbip_protocol.rst, version 1.1.1): exports
 * emulated dongles, so that a kernel imports them and finds real USB devices.
 *
 * A dongle gets power when it is imported, and loses it when its importer goes. One importer has it
 * at a time. USB/IP knows no authentication: whoever can connect can use the dongles.
 */
export class UsbIpServer implements AsyncDisposable {
  readonly #ports: readonly BusPort[];
  readonly #connections = new Set<Connection>();
  readonly #listeners = new Set<Server>();
  readonly #host: ConnectionHost;
  #closed = false;

  /**
   * @param dongles - exported as `1-1`, `1-2`, … in this order
   * @throws DongleError `INVALID_ARGUMENT` for more than 127 bus ids
   */
  constructor(dongles: readonly UsbIpExport[], events: UsbIpEvents = {}) {
    const ends = dongles.flatMap(({ dongle, speed = 'high', hosts = 1 }) => {
      const cable = new Cable(dongle, speed, hosts);
      return Array.from({ length: hosts }, (_, end) => ({ cable, end }));
    });
    if (ends.length > maxBusIds) {
      throw new DongleError(
        'INVALID_ARGUMENT',
        `At most ${maxBusIds} dongles fit on a bus; export fewer.`,
      );
    }
    this.#ports = ends.map(({ cable, end }, i) => new BusPort(i + 1, cable, end));
    this.#host = {
      ports: this.#ports,
      attached: (busId) => events.attached?.(busId),
      detached: (busId) => events.detached?.(busId),
      closed: (connection) => this.#connections.delete(connection),
    };
  }

  /** The bus ids of the dongles, in their order, and of the hosts of each. */
  get busIds(): string[] {
    return this.#ports.map(({ busId }) => busId);
  }

  /**
   * Listens for importers; may be called for several addresses. A unix socket is made with mode 0600,
   * and replaces one that nobody listens on. Each dongle gets power for a moment beforehand, as its
   * descriptors have to be read.
   *
   * @param address - a host must be of this machine alone (loopback), unless `anyone` is set; port 0
   * is any free one
   * @returns the address with the real port
   * @throws DongleError `INVALID_ARGUMENT` for an address that is not allowed or not there,
   * `ADDRESS_IN_USE`, `PERMISSION_DENIED`; `FLASH_INVALID` where a dongle does not boot; `CLOSED`
   */
  async listen(address: UsbIpAddress & { readonly anyone?: boolean }): Promise<UsbIpAddress> {
    const { anyone = false, ...where } = address;
    if ('host' in where && !anyone && !isLoopback(where.host)) {
      throw new DongleError(
        'INVALID_ARGUMENT',
        `Anybody who reaches ${where.host} could use the dongles, as USB/IP has no authentication; listen on 127.0.0.1, or add --allow-remote if that is wanted.`,
      );
    }
    await Promise.all(this.#ports.map((port) => port.list()));
    const { server, address: real } = await listen(where, (socket) => this.accept(socket));
    if (this.#closed) {
      server.close();
      throw new DongleError('CLOSED', 'The USB/IP server is closed; make a new one.');
    }
    this.#listeners.add(server);
    return real;
  }

  /** Serves one importer over a stream that is there already; a closed server ends it. */
  accept(stream: Duplex): void {
    if (this.#closed) {
      stream.destroy();
      return;
    }
    this.#connections.add(new Connection(stream, this.#host));
  }

  /**
   * Pulls a dongle out: its importer sees it disappear. It can be imported again at once.
   *
   * @returns false when nobody had it
   */
  unplug(busId: string): boolean {
    return this.#ports.find((port) => port.busId === busId)?.unplug() ?? false;
  }

  /**
   * Gives a dongle that is for several hosts to the one with this bus id, as a USB switch does: it is
   * pulled out wherever it is, also here, and may be imported under this bus id alone.
   *
   * @throws DongleError `INVALID_ARGUMENT` where there is no such bus id
   */
  switchTo(busId: string): void {
    const port = this.#port(busId);
    for (const each of this.#ports) if (each.sharesWith(port)) each.unplug();
    port.switchHere();
  }

  /**
   * Wrongly lets all hosts of a dongle import it at once; whoever has it keeps it. What each sends
   * reaches the dongle, and what the dongle sends reaches all of them.
   *
   * @param busId - of any of its hosts
   * @throws DongleError `INVALID_ARGUMENT` where there is no such bus id
   */
  share(busId: string): void {
    this.#port(busId).share();
  }

  #port(busId: string): BusPort {
    const port = this.#ports.find((each) => each.busId === busId);
    if (port === undefined) {
      throw new DongleError(
        'INVALID_ARGUMENT',
        `No dongle has the bus id ${busId}; give one of ${this.busIds.join(', ')}.`,
      );
    }
    return port;
  }

  /** Pulls all dongles out, ends all connections and stops listening. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    const closed = listeners.map((each) => new Promise<void>((done) => each.close(() => done())));
    for (const connection of [...this.#connections]) connection.close();
    await Promise.all(closed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
