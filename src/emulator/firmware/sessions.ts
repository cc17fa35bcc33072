import type { Clock } from '../../clock.ts';
import { DeviceSession, type SessionKeys } from '../../protocol/channel/index.ts';
import {
  type ChannelId,
  type PacketErrorCode,
  recordCommand,
} from '../../protocol/packets/index.ts';
import type { Answers } from './answers.ts';
import { idleSessionMs, sessionLimit } from './limits.ts';
import { Logins } from './memory/index.ts';
import type { StoreReader } from './store/draft.ts';

/** Why all sessions end at once. */
export type EndReason = Extract<
  PacketErrorCode,
  'NO_SESSION' | 'SUPERSEDED' | 'BINDING_LOST' | 'LOCKED_OUT' | 'SHARED' | 'FORKED'
>;

/** A session of one host on one channel. */
export interface Session {
  readonly channel: ChannelId;
  /** Longest plaintext of a record, both ways, in bytes. */
  readonly largestPlaintext: number;
  /** To which partitions it has logged in, and as whom. They go with it. */
  readonly logins: Logins;
  /** When a record of it came last. */
  readonly usedMs: number;
  /** Whether a request of it is being executed. */
  readonly executing: boolean;
  /** Ends the session once the request under way has its reply. */
  endAfterReply(): void;
}

/** One request of a session, from its arrival to its reply. */
export interface Call {
  readonly session: Session;
  readonly plaintext: Uint8Array;
  /** Whether the reply is still owed; not after it was sent, taken back, or its session ended. */
  readonly pending: boolean;
}

class OpenSession implements Session {
  readonly channel: ChannelId;
  readonly largestPlaintext: number;
  readonly records: DeviceSession;
  readonly logins: Logins;
  call: Call | undefined;
  ending = false;
  usedMs: number;

  constructor(
    channel: ChannelId,
    largestPlaintext: number,
    keys: SessionKeys,
    logins: Logins,
    nowMs: number,
  ) {
    this.channel = channel;
    this.largestPlaintext = largestPlaintext;
    this.records = new DeviceSession(keys);
    this.logins = logins;
    this.usedMs = nowMs;
  }

  get executing(): boolean {
    return this.call !== undefined;
  }

  endAfterReply(): void {
    this.ending = true;
  }
}

class SessionCall implements Call {
  readonly session: OpenSession;
  readonly plaintext: Uint8Array;

  constructor(session: OpenSession, plaintext: Uint8Array) {
    this.session = session;
    this.plaintext = plaintext;
  }

  get pending(): boolean {
    return this.session.call === this;
  }
}

/** What the sessions need of the rest of the firmware. */
export interface SessionsOwner {
  readonly answers: Answers;
  /** Executes a request; `sessions.reply` is to be called once, now or later. */
  execute(call: Call): void;
  /** A session begins: its channel may not be evicted. */
  opened(session: Session): void;
  /** A session has ended, and what belonged to it goes, with the request it had under way. */
  ended(session: Session, call: Call | undefined): void;
}

/** The table of sessions, all of the same binding: at most one on a channel. */
export class Sessions {
  readonly #clock: Clock;
  readonly #store: StoreReader;
  readonly #owner: SessionsOwner;
  readonly #sessions = new Map<ChannelId, OpenSession>();
  /** What hosts are told that have not heard why their session ended. */
  readonly #reasons = new Map<ChannelId, EndReason>();

  constructor(clock: Clock, store: StoreReader, owner: SessionsOwner) {
    this.#clock = clock;
    this.#store = store;
    this.#owner = owner;
  }

  /**
   * Whether there is room for another session. A host that crashed leaves its session behind, so one
   * that has been idle for long gives way.
   */
  makeRoom(): boolean {
    if (this.#sessions.size < sessionLimit) return true;
    let idlest: OpenSession | undefined;
    for (const session of this.#sessions.values()) {
      if (session.call !== undefined) continue;
      if (idlest === undefined || session.usedMs < idlest.usedMs) idlest = session;
    }
    if (idlest === undefined || this.#clock.now() - idlest.usedMs < idleSessionMs) return false;
    this.#end(idlest);
    return true;
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** Whether a request of any session is being executed. */
  get executing(): boolean {
    return [...this.#sessions.values()].some(({ call }) => call !== undefined);
  }

  has(channel: ChannelId): boolean {
    return this.#sessions.has(channel);
  }

  /** Begins a session with its verdict, which is returned sealed: record 0. */
  open(
    channel: ChannelId,
    largestPlaintext: number,
    keys: SessionKeys,
    verdict: Uint8Array,
  ): Uint8Array {
    const logins = new Logins(this.#store);
    const session = new OpenSession(channel, largestPlaintext, keys, logins, this.#clock.now());
    this.#sessions.set(channel, session);
    this.#owner.opened(session);
    return session.records.reply(verdict).record;
  }

  /** Takes a record from a host. */
  receive(channel: ChannelId, command: number, record: Uint8Array): void {
    const session = this.#sessions.get(channel);
    const { answers } = this.#owner;
    if (session === undefined) {
      answers.refuse(channel, this.#reasons.get(channel) ?? 'NO_SESSION');
      return;
    }
    const step = session.records.receive(command, record);
    switch (step.kind) {
      case 'request':
        session.usedMs = this.#clock.now();
        this.#begin(session, step.plaintext);
        return;
      case 'repeat':
        answers.send(channel, recordCommand(step.reply.counter), step.reply.record);
        return;
      case 'pending':
        return;
      case 'busy':
        answers.refuse(channel, 'CHANNEL_BUSY');
        return;
      case 'refused':
        answers.refuse(channel, 'RECORD_REFUSED');
        return;
      case 'forked':
        // Whoever has these keys may have those of the other sessions too.
        this.endAll('FORKED');
        return;
    }
  }

  /** Seals and sends the reply to a request; does nothing when it is not owed any more. */
  reply(call: Call, plaintext: Uint8Array): void {
    const session = this.#sessions.get(call.session.channel);
    if (session === undefined || session.call !== call) return;
    session.call = undefined;
    const { counter, record } = session.records.reply(plaintext);
    this.#owner.answers.send(session.channel, recordCommand(counter), record);
    if (session.ending) this.#end(session);
  }

  /** The request on a channel that awaits its reply. */
  pendingCall(channel: ChannelId): Call | undefined {
    return this.#sessions.get(channel)?.call;
  }

  /** Ends the session of a host that has fallen silent, which hears so if it speaks again. */
  endSilent({ channel }: Session): void {
    const session = this.#sessions.get(channel);
    if (session !== undefined) this.#end(session);
  }

  /** Ends every session, and tells each host why. */
  endAll(reason: EndReason): void {
    for (const session of [...this.#sessions.values()]) {
      this.#end(session);
      this.#reasons.set(session.channel, reason);
      this.#owner.answers.refuse(session.channel, reason);
    }
  }

  /** A channel begins anew, or is gone: why its last session ended does not matter any more. */
  forget(channel: ChannelId): void {
    this.#reasons.delete(channel);
  }

  /** Ends every session, and nobody hears of it: the channels are gone too. */
  reset(): void {
    for (const session of [...this.#sessions.values()]) this.#end(session);
    this.#reasons.clear();
  }

  #begin(session: OpenSession, plaintext: Uint8Array): void {
    const call = new SessionCall(session, plaintext);
    session.call = call;
    this.#owner.execute(call);
  }

  #end(session: OpenSession): void {
    this.#sessions.delete(session.channel);
    const { call } = session;
    session.call = undefined;
    this.#owner.ended(session, call);
  }
}
