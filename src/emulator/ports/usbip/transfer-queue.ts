import {
  type SubmitRequest,
  transferFlags,
  transferStatus,
} from '../../../protocol/usbip/index.ts';
import type { OutEndpoint } from '../../board/endpoints.ts';
import type { InPipe } from './shared-in.ts';

/** How a transfer ended, as its reply tells it. */
export interface Ending {
  readonly request: SubmitRequest;
  readonly status: number;
  /** Bytes transferred. */
  readonly byteCount: number;
  /** What came in. */
  readonly parts: readonly Uint8Array[];
}

/** Who hears of the endings. */
export interface EndingSink {
  /** Whether there is room for another ending; transfers wait while there is none. */
  isReady(): boolean;
  ended(ending: Ending): void;
}

/** A transfer that waits its turn, and how far it has come. */
class Transfer {
  readonly request: SubmitRequest;
  /** Bytes transferred so far. */
  byteCount = 0;
  readonly parts: Uint8Array[] = [];

  constructor(request: SubmitRequest) {
    this.request = request;
  }

  end(status: number): Ending {
    const { request, byteCount, parts } = this;
    return { request, status, byteCount, parts };
  }
}

/** The transfers of one endpoint: one after the other, in the order they were asked for. */
abstract class TransferQueue {
  readonly #sink: EndingSink;
  #waiting: Transfer[] = [];
  #running = false;

  constructor(sink: EndingSink) {
    this.#sink = sink;
  }

  /** Gets on with the first transfer; its ending, or undefined when the endpoint answered NAK. */
  protected abstract proceed(transfer: Transfer): Ending | undefined;

  add(request: SubmitRequest): void {
    this.#waiting.push(new Transfer(request));
    this.run();
  }

  /** Takes a waiting transfer back; undefined where there is none with that sequence number. */
  remove(sequence: number): SubmitRequest | undefined {
    const at = this.#waiting.findIndex(({ request }) => request.sequence === sequence);
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0]?.request;
  }

  /** Takes all of them back. */
  clear(): void {
    this.#waiting = [];
  }

  /** Goes on as far as the endpoint and the sink let it. */
  run(): void {
    // The firmware may wake the queue while it deals with one of its packets; the loop then goes on.
    if (this.#running) return;
    this.#running = true;
    try {
      for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
        if (!this.#sink.isReady()) return;
        const ending = this.proceed(first);
        if (ending === undefined) return;
        // Unless the device was unplugged in the middle of it.
        if (this.#waiting[0] === first) {
          this.#waiting.shift();
          this.#sink.ended(ending);
        }
      }
    } finally {
      this.#running = false;
    }
  }
}

/** Transfers in to the host. */
export class InQueue extends TransferQueue {
  readonly #endpoint: InPipe;

  constructor(sink: EndingSink, endpoint: InPipe) {
    super(sink);
    this.#endpoint = endpoint;
    endpoint.watch(() => this.run());
  }

  protected override proceed(transfer: Transfer): Ending | undefined {
    const room = transfer.request.byteCount;
    for (;;) {
      let ended = false;
      const handshake = this.#endpoint.read(
        room - transfer.byteCount,
        (bytes, start, end, isLast) => {
          transfer.parts.push(bytes.slice(start, Math.min(end, start + room - transfer.byteCount)));
          transfer.byteCount += end - start;
          ended = isLast;
        },
      );
      if (handshake === 'nak') return undefined;
      if (handshake === 'stall') return transfer.end(transferStatus.stall);
      if (transfer.byteCount > room) {
        transfer.byteCount = room;
        return transfer.end(transferStatus.babble);
      }
      if (transfer.byteCount === room) return transfer.end(transferStatus.ok);
      if (ended) return transfer.end(shortStatus(transfer.request));
    }
  }
}

/** Transfers out to the device. */
export class OutQueue extends TransferQueue {
  readonly #endpoint: OutEndpoint;
  #told = true;

  constructor(sink: EndingSink, endpoint: OutEndpoint) {
    super(sink);
    this.#endpoint = endpoint;
  }

  protected override proceed(transfer: Transfer): Ending | undefined {
    const { data, transferFlags: flags } = transfer.request;
    for (;;) {
      const { packetBytes } = this.#endpoint;
      const byteCount = Math.min(packetBytes, data.length - transfer.byteCount);
      const handshake = this.#endpoint.offer(data, transfer.byteCount, byteCount);
      if (handshake === 'stall') return transfer.end(transferStatus.stall);
      if (handshake === 'nak') {
        this.#awaitReady();
        return undefined;
      }
      transfer.byteCount += byteCount;
      const wantsEmptyPacket =
        byteCount === packetBytes && (flags & transferFlags.zeroPacket) !== 0;
      if (transfer.byteCount === data.length && !wantsEmptyPacket) {
        return transfer.end(transferStatus.ok);
      }
    }
  }

  #awaitReady(): void {
    if (!this.#told) return;
    this.#told = false;
    this.#endpoint.whenReady(() => {
      this.#told = true;
      this.run();
    });
  }
}

/** The status of a transfer in that brought less than there was room for. */
export function shortStatus({ transferFlags: flags }: SubmitRequest): number {
  return (flags & transferFlags.shortNotOk) === 0 ? transferStatus.ok : transferStatus.short;
}
