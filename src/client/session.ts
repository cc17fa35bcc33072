import { suite } from '#crypto';
import type { HostClock } from '../clock.ts';
import { DongleError } from '../errors.ts';
import type { HostSession } from '../protocol/channel/index.ts';
import {
  type Command,
  decodeResponse,
  encodeRequest,
  end,
  invite,
  renew,
} from '../protocol/commands/index.ts';
import { isRecordCommand, recordCommand } from '../protocol/packets/index.ts';
import type { CallOptions } from './call-options.ts';
import { Calls, type Turn } from './calls.ts';
import { checkOptions } from './deadline.ts';
import type { Exchange } from './exchange.ts';
import type { Lease } from './lease.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import type { Invitation } from './runtime.ts';

/** Deadline of the farewell, in milliseconds: a dongle that has gone cannot answer it. */
const endDeadlineMs = 500;

/** For what ends with its answer or with the session. */
const forever = Number.POSITIVE_INFINITY;

const stoodStill =
  'This machine has slept, or its clock was set, so the dongle may have been elsewhere; connect again.';

/** What a session is made of. */
export interface SessionParts {
  readonly clock: HostClock;
  readonly exchange: Exchange;
  readonly records: HostSession;
  /** Longest plaintext of a record, in bytes. */
  readonly largestPlaintext: number;
  /** The start of the runtime that has the binding, 16 bytes. */
  readonly instance: Uint8Array;
  readonly lease: Lease;
}

/** Hears what happens to a session. Its calls must not throw. */
export interface SessionListener {
  /** The session is over; called once, and nothing is called after it. */
  ended(reason: DongleError): void;
  /** So many claims of others since the binding; called when it is more than before. */
  knocked(knocks: number): void;
  /** The dongle talks to somebody else, on this channel. */
  foreign(channel: number): void;
}

/**
 * Commands over the encrypted channel, and the lease that they renew. Any number of callers may
 * call at once: their requests go one after the other, in the order of the calls, and each is sealed
 * just before it is sent.
 */
export class Session {
  readonly #exchange: Exchange;
  readonly #records: HostSession;
  readonly #largestPlaintext: number;
  readonly #instance: Uint8Array;
  readonly #listener: SessionListener;
  readonly #calls: Calls;
  readonly #keeper: LeaseKeeper;
  #knocks = 0;
  /** Why there are no new calls. */
  #ended: DongleError | undefined;
  #told = false;
  #closing: Promise<void> | undefined;
  /** Resolves when all who were invited have come, or will not. */
  #guests: Promise<unknown> = Promise.resolve();

  constructor(parts: SessionParts, listener: SessionListener) {
    const { clock, exchange, lease } = parts;
    this.#exchange = exchange;
    this.#records = parts.records;
    this.#largestPlaintext = parts.largestPlaintext;
    this.#instance = parts.instance;
    this.#listener = listener;
    this.#calls = new Calls(clock, () => exchange.cancel());
    this.#keeper = new LeaseKeeper(clock, lease, {
      lose: () => this.#end(new DongleError('BINDING_LOST', stoodStill)),
      renew: () => this.#renew(),
    });
    exchange.listen({
      ended: (reason) => this.#end(reason),
      foreign: (channel) => listener.foreign(channel),
    });
    this.#keeper.beat();
  }

  /** Whether the session lives, and this host may say that it has the dongle. */
  get licensed(): boolean {
    return this.#ended === undefined && this.#keeper.state() === 'held';
  }

  /** Longest plaintext of a request or response, in bytes. */
  get largestPlaintext(): number {
    return this.#largestPlaintext;
  }

  /** Whether a command is under way. */
  get busy(): boolean {
    return this.#calls.busy;
  }

  /** Whether there are no new calls. */
  get over(): boolean {
    return this.#ended !== undefined;
  }

  /**
   * Executes a command. Byte strings of the response are the caller's own.
   *
   * @throws DongleError the dongle's refusal; `INVALID_ARGUMENT` or `REQUEST_TOO_LARGE` before
   * anything is sent; `ABORTED` or `TIMEOUT`, and then the dongle is told to cancel; or the reason
   * why there is no session any more
   */
  call<Request, Response>(
    command: Command<string, Request, Response>,
    request: Request,
    defaultDeadlineMs: number,
    options: CallOptions = {},
  ): Promise<Response> {
    return this.#call(command, request, defaultDeadlineMs, options, 'last');
  }

  /**
   * An invitation for one more session of this binding. It waits for a command that is under way,
   * and for the guest before, as a session has one invitation at a time.
   *
   * @param decided - resolves when the invitation has been used: it is worth nothing when this
   * session ends before
   */
  async invite(signal: AbortSignal, decided: Promise<unknown>): Promise<Invitation> {
    const inviting = this.#guests.then(() => {
      const request = { nonce: suite.randomBytes(8) };
      return this.#call(invite, request, forever, { signal }, 'next');
    });
    this.#guests = inviting.then(
      () => decided,
      () => {},
    );
    const { invitation } = await inviting;
    return { instance: this.#instance, invitation };
  }

  /**
   * Ends the session: calls under way fail with `CLOSED`, the dongle is told if it still listens,
   * and the link is closed. Safe to call twice.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends the session for a reason of this host's own. The dongle is told nothing. */
  abandon(reason: DongleError): Promise<void> {
    this.#end(reason);
    return this.#exchange.close();
  }

  async #close(): Promise<void> {
    const reason = new DongleError('CLOSED');
    this.#ended ??= reason;
    this.#calls.abandonAll(reason);
    await this.#guests;
    // Whether or not the dongle has heard it, closing does not fail.
    if (!this.#told) await this.#ask(end, encoded(end, {}), endDeadlineMs).catch(() => {});
    await this.abandon(reason);
  }

  async #call<Request, Response>(
    command: Command<string, Request, Response>,
    request: Request,
    defaultDeadlineMs: number,
    options: CallOptions,
    turn: Turn,
  ): Promise<Response> {
    const plaintext = encoded(command, request);
    if (plaintext.length > this.#largestPlaintext) throw new DongleError('REQUEST_TOO_LARGE');
    checkOptions(options);
    const { deadlineMs = defaultDeadlineMs, signal } = options;
    if (this.#ended !== undefined) throw this.#ended;
    return this.#ask(command, plaintext, deadlineMs, signal, turn);
  }

  async #ask<Request, Response>(
    command: Command<string, Request, Response>,
    plaintext: Uint8Array,
    deadlineMs: number,
    signal?: AbortSignal,
    turn: Turn = 'last',
  ): Promise<Response> {
    const answering = this.#calls.add(plaintext, deadlineMs, signal, turn);
    this.#next();
    const response = decodeResponse(command, await answering);
    if (response.ok) return response.value;
    throw new DongleError(response.code, response.detail === '' ? undefined : response.detail);
  }

  #next(): void {
    if (this.#calls.busy || this.#keeper.state() === 'void') return;
    const plaintext = this.#calls.begin();
    if (plaintext === undefined) return;
    const sent = this.#keeper.sent();
    // Sealing takes the counter here, before anything that waits.
    const { counter, record } = this.#records.seal(plaintext);
    this.#exchange
      .transact(recordCommand(counter), record, (command, payload) =>
        isRecordCommand(command) ? this.#records.open(payload) : undefined,
      )
      .then(
        (response) => {
          if (!this.#keeper.answered(sent)) return;
          this.#calls.answer(response);
          this.#keeper.beat();
          this.#next();
        },
        // The dongle may or may not have counted this record, so no other can follow it.
        (reason: DongleError) => this.#end(reason),
      );
  }

  /** Says that this owner lives, and asks who has knocked. What is under way comes first. */
  #renew(): boolean {
    if (this.#calls.busy || this.#ended !== undefined) return false;
    const request = { nonce: suite.randomBytes(8) };
    this.#call(renew, request, forever, {}, 'next').then(
      ({ knocks }) => this.#heardKnocks(knocks),
      // A session that has ended has said so.
      () => {},
    );
    return true;
  }

  #heardKnocks(knocks: number): void {
    if (knocks <= this.#knocks || this.#ended !== undefined) return;
    this.#knocks = knocks;
    this.#listener.knocked(knocks);
  }

  #end(reason: DongleError): void {
    if (this.#told) return;
    this.#told = true;
    this.#ended ??= reason;
    this.#keeper.stop();
    this.#calls.end(reason);
    this.#listener.ended(this.#ended);
    void this.#exchange.close();
  }
}

function encoded<Request>(command: Command<string, Request>, request: Request): Uint8Array {
  try {
    return encodeRequest(command, request);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new DongleError('INVALID_ARGUMENT', `${command.name}: ${detail}.`, { cause });
  }
}
