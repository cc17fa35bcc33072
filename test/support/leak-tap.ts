import { toHex } from '../../src/bytes.ts';
import type { LinkSource, PacketBatch } from '../../src/index.ts';
import { HostSession } from '../../src/protocol/channel/index.ts';
import { SecretSearch } from '../powercut/secret-search.ts';

/**
 * Everything that leaves a device while it listens: each packet as it is on the wire, and each reply
 * as it is inside the channel.
 */
export class LeakTap {
  readonly packets: Uint8Array[] = [];
  readonly replies: Uint8Array[] = [];
  readonly #restore: () => void;

  constructor() {
    const { open } = HostSession.prototype;
    const { replies } = this;
    HostSession.prototype.open = function (record) {
      const plaintext = open.call(this, record);
      if (plaintext !== undefined) replies.push(plaintext.slice());
      return plaintext;
    };
    this.#restore = () => {
      HostSession.prototype.open = open;
    };
  }

  /** The source, with each packet from the device kept. */
  listenTo(source: LinkSource): LinkSource {
    return {
      face: source.face,
      open: (listener) =>
        source.open({
          packets: (batch) => {
            this.packets.push(...packetsOf(batch));
            listener.packets(batch);
          },
          detached: (reason) => listener.detached(reason),
        }),
    };
  }

  /** Which of the secrets, by name, has left in part: eight bytes of it from a multiple of eight on. */
  findLeaks(secrets: Readonly<Record<string, Uint8Array>>): string[] {
    const all = [...this.packets, ...this.replies];
    return Object.entries(secrets).flatMap(([name, secret]) => {
      const search = new SecretSearch([toHex(secret)]);
      return all.some((bytes) => search.findIn(bytes) !== undefined) ? [name] : [];
    });
  }

  stop(): void {
    this.#restore();
  }
}

function packetsOf({ buffer, offset, stride, packetBytes, count }: PacketBatch): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const at = offset + i * stride;
    return buffer.slice(at, at + packetBytes);
  });
}
