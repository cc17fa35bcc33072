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

/** The way out of one face: answers wait in order until the host reads them. */
export class Transmitter {
  readonly #endpoint: InEndpoint;
  /** Packets of the answer that the endpoint offers. */
  readonly #staging: Uint8Array;
  #queue: Answer[] = [];
  #queuedBytes = 0;
  readonly #onRoom: () => void;

  /** `onRoom` is called when a host has read, so that a full transmitter may take more. */
  constructor(endpoint: InEndpoint, onRoom: () => void) {
    this.#endpoint = endpoint;
    this.#onRoom = onRoom;
    const { packetBytes } = endpoint;
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
    const { packetBytes } = this.#endpoint;
    const { channel, command, payload } = answer;
    const count = writePackets(
      this.#staging,
      0,
      packetBytes,
      packetBytes,
      channel,
      command,
      payload,
    );
    const batch = { buffer: this.#staging, offset: 0, stride: packetBytes, packetBytes, count };
    this.#endpoint.submit(batch, this.#stageNext);
  };

  readonly #stageNext = (): void => {
    this.#stage();
    this.#onRoom();
  };
}
