import { broadcastChannel, type ChannelId, readChannelId } from './channel-id.ts';

interface Channel {
  readonly id: ChannelId;
  /** The face it was made on, and works on. */
  readonly face: number;
  pinned: boolean;
  /** Grows with each use in the table. */
  lastUse: number;
}

/** The channels of a whole device: bounded, with random ids. */
export class ChannelTable {
  readonly #limit: number;
  readonly #randomBytes: (count: number) => Uint8Array;
  readonly #channels = new Map<ChannelId, Channel>();
  #uses = 0;

  constructor(limit: number, randomBytes: (count: number) => Uint8Array) {
    this.#limit = limit;
    this.#randomBytes = randomBytes;
  }

  get(id: ChannelId): Channel | undefined {
    return this.#channels.get(id);
  }

  /** Notes that a channel was used now. */
  touch(channel: Channel): void {
    channel.lastUse = ++this.#uses;
  }

  /** Whether one must go before another can be added. */
  get full(): boolean {
    return this.#channels.size >= this.#limit;
  }

  /** The least recently used channel that is neither pinned nor `spared`. */
  oldest(spared: ChannelId | undefined): ChannelId | undefined {
    let oldest: Channel | undefined;
    for (const channel of this.#channels.values()) {
      if (channel.pinned || channel.id === spared) continue;
      if (oldest === undefined || channel.lastUse < oldest.lastUse) oldest = channel;
    }
    return oldest?.id;
  }

  remove(id: ChannelId): void {
    this.#channels.delete(id);
  }

  /** Adds a channel under a random id. The caller has made room. */
  add(face: number): ChannelId {
    let id = readChannelId(this.#randomBytes(4), 0);
    // Stepping on, instead of drawing again, ends whatever the random source does.
    while (id === 0 || id === broadcastChannel || this.#channels.has(id)) {
      id = ((id + 1) >>> 0) as ChannelId;
    }
    this.#channels.set(id, { id, face, pinned: false, lastUse: ++this.#uses });
    return id;
  }

  clear(): void {
    this.#channels.clear();
  }
}
