import type { Handshake, InEndpoint, Take } from '../../board/endpoints.ts';

/** What a host's controller needs of an endpoint that brings packets in. */
export type InPipe = Pick<InEndpoint, 'packetBytes' | 'watch' | 'read'>;

/** How many packets wait for a host that does not read; older ones are lost. */
const maxPackets = 64;

interface Packet {
  readonly bytes: Uint8Array;
  readonly ended: boolean;
}

/** An IN endpoint on a cable that several hosts share: each of them gets every packet. */
export class SharedIn {
  /** One for each host. */
  readonly taps: readonly Tap[];
  readonly #endpoint: InEndpoint;

  constructor(endpoint: InEndpoint, hostCount: number) {
    this.#endpoint = endpoint;
    this.taps = Array.from({ length: hostCount }, () => new Tap(this));
    endpoint.watch(() => {
      for (const tap of this.taps) tap.wake();
    });
  }

  get packetBytes(): number {
    return this.#endpoint.packetBytes;
  }

  /** Reads one packet from the device, for all hosts that are there. */
  pull(): Handshake {
    return this.#endpoint.read(1, (bytes, start, end, ended) => {
      const packet = { bytes: bytes.slice(start, end), ended };
      for (const tap of this.taps) tap.push(packet);
    });
  }

  /** Wakes the hosts but for the one that has pulled. */
  wakeOthers(puller: Tap): void {
    for (const tap of this.taps) if (tap !== puller) tap.wake();
  }
}

/** What one host sees of a shared endpoint. */
export class Tap implements InPipe {
  readonly #shared: SharedIn;
  #packets: Packet[] | undefined;
  #wake: (() => void) | undefined;

  constructor(shared: SharedIn) {
    this.#shared = shared;
  }

  get packetBytes(): number {
    return this.#shared.packetBytes;
  }

  /** The host comes, or goes. */
  connect(connected: boolean): void {
    this.#packets = connected ? [] : undefined;
    if (!connected) this.#wake = undefined;
  }

  watch(wake: (() => void) | undefined): void {
    this.#wake = wake;
    wake?.();
  }

  wake(): void {
    this.#wake?.();
  }

  push(packet: Packet): void {
    if (this.#packets === undefined) return;
    this.#packets.push(packet);
    if (this.#packets.length > maxPackets) this.#packets.shift();
  }

  read(_limit: number, take: Take): Handshake {
    let next = this.#packets?.shift();
    if (next === undefined) {
      const handshake = this.#shared.pull();
      if (handshake !== 'ack') return handshake;
      this.#shared.wakeOthers(this);
      next = this.#packets?.shift();
      if (next === undefined) return 'nak';
    }
    take(next.bytes, 0, next.bytes.length, next.ended);
    return 'ack';
  }
}
