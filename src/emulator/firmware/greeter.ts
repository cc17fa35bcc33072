import { equalBytes } from '../../bytes.ts';
import type { DhKey, MaybePromise } from '../../crypto/suite.ts';
import type { FaceName } from '../../link.ts';
import {
  channelHandshake,
  channelVersions,
  claimSchema,
  commonVersion,
  encodeVerdict,
  handshakePrologue,
  helloRequest,
  type RuntimeClaim,
  sealBytes,
} from '../../protocol/channel/index.ts';
import type { Handshake } from '../../protocol/noise/index.ts';
import { type ChannelId, packetCommands, recordCommand } from '../../protocol/packets/index.ts';
import { decode } from '../../protocol/schema/index.ts';
import type { RandomSource } from '../board/random.ts';
import type { Answers } from './answers.ts';
import { Introduction } from './introduction.ts';
import type { Manufacture } from './manufacture-block.ts';
import type { Registrar } from './registrar.ts';
import type { Sessions } from './sessions.ts';

/** Where a channel stands on its way to a session. */
interface Greeting {
  readonly prologue: Uint8Array;
  /** Whether host and dongle share a version. */
  readonly compatible: boolean;
  readonly largestMessage: number;
  /** The handshake after message 2. */
  noise: Handshake | undefined;
  /** Message 3, when it is good and the dongle has not answered it yet. */
  claimed: Claimed | undefined;
  /** A message is being worked on. */
  working: boolean;
  /** The last good message and its answer, for a host that did not hear it. */
  last:
    | { readonly message: Uint8Array; readonly command: number; readonly answer: Uint8Array }
    | undefined;
}

/** Message 3, and what the runtime says in it. */
interface Claimed {
  readonly message: Uint8Array;
  readonly claim: RuntimeClaim;
}

/** What the greeter needs of the dongle. */
export interface GreeterParts {
  readonly manufacture: Manufacture;
  readonly staticKey: DhKey;
  readonly random: RandomSource;
  readonly generateDhKey: () => MaybePromise<DhKey>;
  readonly answers: Answers;
  readonly sessions: Sessions;
  readonly registrar: Registrar;
}

/** HELLO and the handshake: how a channel gets its session. */
export class Greeter {
  readonly #parts: GreeterParts;
  readonly #greetings = new Map<ChannelId, Greeting>();
  readonly #introduction: Introduction;

  constructor(parts: GreeterParts) {
    this.#parts = parts;
    this.#introduction = new Introduction(parts.manufacture, parts.random);
  }

  /** A new attach begins. */
  attach(): void {
    this.#introduction.attach();
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
    const { answers, registrar, sessions } = this.#parts;
    const said = decode(helloRequest, request);
    if (!said.ok) {
      answers.refuse(channel, 'INVALID_PARAMETER');
      return;
    }
    const response = this.#introduction.on(face, largestMessage, registrar.lockedMs);
    this.#greetings.set(channel, {
      prologue: handshakePrologue(request, response),
      compatible: commonVersion(channelVersions, said.value.versions) !== undefined,
      largestMessage,
      noise: undefined,
      claimed: undefined,
      working: false,
      last: undefined,
    });
    sessions.forget(channel);
    answers.send(channel, packetCommands.HELLO.code, response);
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
    greeting.claimed ??= await readClaim(noise, message3);
    const { claimed } = greeting;
    if (claimed === undefined || !equalBytes(claimed.message, message3)) {
      this.#refuse(channel, greeting);
    } else if (this.#isCurrent(channel, greeting)) {
      this.#decide(channel, greeting, noise, claimed);
    }
  }

  /** Answers a claim: from here to the answer nothing else happens in the dongle. */
  #decide(channel: ChannelId, greeting: Greeting, noise: Handshake, claimed: Claimed): void {
    const { answers, registrar, sessions } = this.#parts;
    const { message, claim } = claimed;
    const decision = registrar.decide(noise.remoteStaticKey as Uint8Array, claim);
    if (decision.kind === 'error') {
      answers.refuse(channel, decision.code);
      return;
    }
    const keys = noise.split();
    const command = recordCommand(0);
    if (decision.kind === 'refused') {
      const answer = keys.send.seal(0, encodeVerdict(decision.refusal));
      this.#answer(channel, greeting, { message, command, answer });
      return;
    }
    const largestPlaintext = greeting.largestMessage - sealBytes;
    const verdict = encodeVerdict({ ...decision.acceptance, largestPlaintext });
    const answer = sessions.open(channel, largestPlaintext, keys, verdict);
    this.#answer(channel, greeting, { message, command, answer });
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

/** Message 3 and the claim in it; undefined when it is not good, and then the right one still is. */
async function readClaim(noise: Handshake, message: Uint8Array): Promise<Claimed | undefined> {
  if (noise.turn !== 'read') return undefined;
  const read = await noise.readMessage(message);
  if (!read.ok) return undefined;
  const claim = decode(claimSchema, read.value);
  return claim.ok ? { message, claim: claim.value } : undefined;
}
