import {
  type ChannelId,
  largestMessage,
  packetCount,
  writePackets,
} from '../../protocol/packets/index.ts';
import type { InEndpoint } from '../board/endpoints.ts';
import { answerBytesLimit, answerLimit } from './limits.ts';

interface Answer {
  readonly channel: ChannelId;
  readonly command: number;
  readonly payload: Uint8Array;
}

/** How answers travel on a face. */
export interface TransmitterOptions {
  /** Size of the packet layer's packets, in bytes. */
  readonly packetBytes: number;
  /** Whether each answer is a transfer, of which the host is told where it ends. */
  readonly ends: boolean;
  /** Called when a host has read, so that a full transmitter may take more. */
  readonly onRoom: () => void;
}

/** The way out of one face: answers wait in order until the host reads them. */
export class Transmitter {
  readonly #endpoint: InEndpoint;
  readonly #options: TransmitterOptions;
  /** Packets of the answer that the endpoint offers. */
  readonly #staging: Uint8Array;
  #queue: Answer[] = [];
  #queuedBytes = 0;

  constructor(endpoint: InEndpoint, options: TransmitterOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
    const { packetBytes } = options;
    this.#staging = new Uint8Array(
      packetCount(largestMessage(packetBytes), packetBytes) * packetBytes,
    );
  }

  /** Whether more may be asked of the device; if not, the face NAKs until the host reads. */
  get hasRoom(): boolean {
    return this.#queue.length < answerLimit && this.#queuedBytes < answerBytesLimit;
  }

  /** Sends an answer after those before it. `payload` must not change any more. */
  send(channel: ChannelId, command: number, payload: Uint8Array): void {
    this.#queue.push({ channel, command, payload });
    this.#queuedBytes += payload.length;
    if (!this.#endpoint.busy) this.#stage();
  }

  /** Drops everything unread. */
  flush(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#endpoint.flush();
  }

  readonly #stage = (): void => {
    const answer = this.#queue.shift();
    if (answer === undefined) return;
    this.#queuedBytes -= answer.payload.length;
    const { packetBytes, ends } = this.#options;
    const { channel, command, payload } = answer;
    const bytes = this.#staging;
    const count = writePackets(bytes, 0, packetBytes, packetBytes, channel, command, payload);
    this.#endpoint.submit({ bytes, byteCount: count * packetBytes, ends, done: this.#stageNext });
  };

  readonly #stageNext = (): void => {
    this.#stage();
    this.#options.onRoom();
  };
}
