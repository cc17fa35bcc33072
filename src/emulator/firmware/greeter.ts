import { equalBytes, noBytes } from '../../bytes.ts';
import type { DhKey, MaybePromise } from '../../crypto/suite.ts';
import type { FaceName } from '../../link.ts';
import { chainIdOf } from '../../protocol/certificates/index.ts';
import {
  channelHandshake,
  channelVersions,
  commonVersion,
  handshakePrologue,
  helloRequest,
  helloResponse,
  type SessionKeys,
  sealBytes,
  verdict,
} from '../../protocol/channel/index.ts';
import type { Handshake } from '../../protocol/noise/index.ts';
import { type ChannelId, packetCommands, recordCommand } from '../../protocol/packets/index.ts';
import { decode, encode } from '../../protocol/schema/index.ts';
import type { RandomSource } from '../board/random.ts';
import type { Answers } from './answers.ts';
import type { Manufacture } from './manufacture-block.ts';
import type { Sessions } from './sessions.ts';

/** Where a channel stands on its way to a session. */
interface Greeting {
  readonly prologue: Uint8Array;
  /** Whether host and dongle share a version. */
  readonly compatible: boolean;
  readonly largestMessage: number;
  /** The handshake after message 2. */
  noise: Handshake | undefined;
  /** A message is being worked on. */
  working: boolean;
  /** The last good message and its answer, for a host that did not hear it. */
  last:
    | { readonly message: Uint8Array; readonly command: number; readonly answer: Uint8Array }
    | undefined;
}

/** What the greeter needs of the dongle. */
export interface GreeterParts {
  readonly manufacture: Manufacture;
  readonly staticKey: DhKey;
  readonly random: RandomSource;
  readonly generateDhKey: () => MaybePromise<DhKey>;
  readonly answers: Answers;
  readonly sessions: Sessions;
}

/** HELLO and the handshake: how a channel gets its session. */
export class Greeter {
  readonly #parts: GreeterParts;
  readonly #chainId: Uint8Array;
  readonly #greetings = new Map<ChannelId, Greeting>();
  readonly #introductions = new Map<FaceName, Uint8Array>();
  #attachId = noBytes;

  constructor(parts: GreeterParts) {
    this.#parts = parts;
    this.#chainId = chainIdOf(parts.manufacture.chain);
  }

  /** A new attach begins. */
  attach(): void {
    this.#introductions.clear();
    this.#attachId = this.#parts.random(8);
  }

  /** Every handshake is void. */
  reset(): void {
    this.#greetings.clear();
  }

  /** A channel is gone. */
  forget(channel: ChannelId): void {
    this.#greetings.delete(channel);
  }

  /** Answers HELLO, which begins a new handshake on its channel. */
  hello(channel: ChannelId, face: FaceName, largestMessage: number, request: Uint8Array): void {
    const { answers } = this.#parts;
    const said = decode(helloRequest, request);
    if (!said.ok) {
      answers.refuse(channel, 'INVALID_PARAMETER');
      return;
    }
    const response = this.#introduction(face, largestMessage);
    this.#greetings.set(channel, {
      prologue: handshakePrologue(request, response),
      compatible: commonVersion(channelVersions, said.value.versions) !== undefined,
      largestMessage,
      noise: undefined,
      working: false,
      last: undefined,
    });
    answers.send(channel, packetCommands.HELLO.code, response);
  }

  /** What the dongle says of itself on a face; the same all through an attach. */
  #introduction(face: FaceName, largestMessage: number): Uint8Array {
    let introduction = this.#introductions.get(face);
    if (introduction === undefined) {
      const { serial, model } = this.#parts.manufacture;
      introduction = encode(helloResponse, {
        serial,
        model,
        chainId: this.#chainId,
        face,
        attachId: this.#attachId,
        versions: channelVersions,
        largestMessage,
      });
      this.#introductions.set(face, introduction);
    }
    return introduction;
  }

  /** Takes message 1 or 3 of a handshake. Why one is refused is not said. */
  async handshake(channel: ChannelId, payload: Uint8Array): Promise<void> {
    const { answers } = this.#parts;
    const greeting = this.#greetings.get(channel);
    if (greeting === undefined) {
      answers.refuse(channel, 'HANDSHAKE_REFUSED');
    } else if (!greeting.compatible) {
      answers.refuse(channel, 'VERSION_UNSUPPORTED');
    } else if (greeting.working) {
      answers.refuse(channel, 'CHANNEL_BUSY');
    } else if (greeting.last && equalBytes(greeting.last.message, payload)) {
      answers.send(channel, greeting.last.command, greeting.last.answer);
    } else {
      greeting.working = true;
      await (greeting.noise === undefined
        ? this.#begin(channel, greeting, payload)
        : this.#finish(channel, greeting, greeting.noise, payload));
      greeting.working = false;
    }
  }

  async #begin(channel: ChannelId, greeting: Greeting, message1: Uint8Array): Promise<void> {
    const { staticKey, manufacture } = this.#parts;
    const noise = channelHandshake({
      role: 'responder',
      prologue: greeting.prologue,
      staticKey,
      generateEphemeral: this.#parts.generateDhKey,
    });
    const read = await noise.readMessage(message1);
    // Message 1 carries no payload; nothing encrypted could guard one.
    if (!read.ok || read.value.length > 0 || this.#parts.sessions.has(channel)) {
      this.#refuse(channel, greeting);
      return;
    }
    const message2 = await noise.writeMessage(manufacture.chain);
    if (!message2.ok) {
      this.#refuse(channel, greeting);
      return;
    }
    greeting.noise = noise;
    this.#answer(channel, greeting, {
      message: message1,
      command: packetCommands.HANDSHAKE.code,
      answer: message2.value,
    });
  }

  async #finish(
    channel: ChannelId,
    greeting: Greeting,
    noise: Handshake,
    message3: Uint8Array,
  ): Promise<void> {
    const { answers, sessions } = this.#parts;
    if (noise.turn !== 'read') {
      this.#refuse(channel, greeting);
      return;
    }
    if (!sessions.makeRoom()) {
      answers.refuse(channel, 'SESSION_LIMIT');
      return;
    }
    const read = await noise.readMessage(message3);
    // Message 3 has no payload in this version.
    if (!this.#isCurrent(channel, greeting) || !read.ok || read.value.length > 0) {
      this.#refuse(channel, greeting);
      return;
    }
    // Others may have taken the last places while message 3 was read, which cannot be read again.
    if (!sessions.makeRoom()) {
      this.forget(channel);
      answers.refuse(channel, 'SESSION_LIMIT');
      return;
    }
    const answer = this.#open(channel, greeting, noise.split());
    this.#answer(channel, greeting, { message: message3, command: recordCommand(0), answer });
  }

  #open(channel: ChannelId, greeting: Greeting, keys: SessionKeys): Uint8Array {
    const largestPlaintext = greeting.largestMessage - sealBytes;
    const plaintext = encode(verdict, { largestPlaintext });
    return this.#parts.sessions.open(channel, largestPlaintext, keys, plaintext);
  }

  #isCurrent(channel: ChannelId, greeting: Greeting): boolean {
    return this.#greetings.get(channel) === greeting;
  }

  #answer(channel: ChannelId, greeting: Greeting, last: NonNullable<Greeting['last']>): void {
    if (!this.#isCurrent(channel, greeting)) return;
    greeting.last = last;
    this.#parts.answers.send(channel, last.command, last.answer);
  }

  /** Says nothing on a channel that has been given to somebody else meanwhile. */
  #refuse(channel: ChannelId, greeting: Greeting): void {
    if (this.#isCurrent(channel, greeting))
      this.#parts.answers.refuse(channel, 'HANDSHAKE_REFUSED');
  }
}
