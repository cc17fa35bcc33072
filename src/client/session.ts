import type { Clock } from '../clock.ts';
import { DongleError } from '../errors.ts';
import type { HostSession } from '../protocol/channel/index.ts';
import { type Command, decodeResponse, encodeRequest, end } from '../protocol/commands/index.ts';
import { isRecordCommand, recordCommand } from '../protocol/packets/index.ts';
import { Alarm } from './alarm.ts';
import type { CallOptions } from './call-options.ts';
import { abortError, checkOptions } from './deadline.ts';
import type { Exchange } from './exchange.ts';

/** Deadline of the farewell, in milliseconds: a dongle that has gone cannot answer it. */
const endDeadlineMs = 500;

interface Call {
  readonly plaintext: Uint8Array;
  /** On the session's clock, in milliseconds. */
  readonly deadlineMs: number;
  readonly resolve: (response: Uint8Array) => void;
  readonly reject: (reason: DongleError) => void;
}

/**
 * Commands over the encrypted channel. Any number of callers may call at once: their requests go
 * one after the other, in the order of the calls, and each is sealed just before it is sent.
 */
export class Session {
  readonly #clock: Clock;
  readonly #exchange: Exchange;
  readonly #records: HostSession;
  /** Longest plaintext of a record, in bytes. */
  readonly #largestPlaintext: number;
  readonly #alarm: Alarm;
  readonly #waiting: Call[] = [];
  #current: Call | undefined;
  /** Why there are no new calls. */
  #ended: DongleError | undefined;
  #closing: Promise<void> | undefined;

  constructor(clock: Clock, exchange: Exchange, records: HostSession, largestPlaintext: number) {
    this.#clock = clock;
    this.#exchange = exchange;
    this.#records = records;
    this.#largestPlaintext = largestPlaintext;
    this.#alarm = new Alarm(clock, (nowMs) => this.#checkDeadlines(nowMs));
  }

  /**
   * Executes a command. Byte strings of the response are the caller's own.
   *
   * @throws DongleError the dongle's refusal; `INVALID_ARGUMENT` or `REQUEST_TOO_LARGE` before
   * anything is sent; `ABORTED` or `TIMEOUT`, and then the dongle is told to cancel; or the reason
   * why there is no session any more
   */
  async call<Request, Response>(
    command: Command<string, Request, Response>,
    request: Request,
    defaultDeadlineMs: number,
    options: CallOptions = {},
  ): Promise<Response> {
    const plaintext = encoded(command, request);
    if (plaintext.length > this.#largestPlaintext) throw new DongleError('REQUEST_TOO_LARGE');
    checkOptions(options);
    const { deadlineMs = defaultDeadlineMs, signal } = options;
    const response = decodeResponse(command, await this.#submit(plaintext, deadlineMs, signal));
    if (response.ok) return response.value;
    throw new DongleError(response.code, response.detail === '' ? undefined : response.detail);
  }

  /**
   * Ends the session: calls under way fail with `CLOSED`, the dongle is told if it still listens,
   * and the link is closed. Safe to call twice.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const reason = new DongleError('CLOSED');
    for (const call of [...this.#waiting]) this.#abandon(call, reason);
    if (this.#current !== undefined) this.#abandon(this.#current, reason);
    const farewell = this.call(end, {}, endDeadlineMs);
    this.#ended ??= reason;
    // Whether or not the dongle has heard it, closing does not fail.
    await farewell.catch(() => {});
    this.#end(reason);
    await this.#exchange.close();
  }

  #submit(plaintext: Uint8Array, deadlineMs: number, signal?: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      const call = { plaintext, deadlineMs: this.#clock.now() + deadlineMs, resolve, reject };
      this.#waiting.push(signal === undefined ? call : this.#abortable(call, signal));
      this.#alarm.set(call.deadlineMs);
      this.#next();
    });
  }

  #abortable(call: Call, signal: AbortSignal): Call {
    const abort = () => this.#abandon(watched, abortError(signal));
    const stop = () => signal.removeEventListener('abort', abort);
    const watched: Call = {
      ...call,
      resolve(response) {
        stop();
        call.resolve(response);
      },
      reject(reason) {
        stop();
        call.reject(reason);
      },
    };
    signal.addEventListener('abort', abort);
    return watched;
  }

  #checkDeadlines(nowMs: number): void {
    const calls = this.#current === undefined ? this.#waiting : [this.#current, ...this.#waiting];
    for (const call of [...calls]) {
      if (call.deadlineMs > nowMs) this.#alarm.set(call.deadlineMs);
      else this.#abandon(call, new DongleError('TIMEOUT'));
    }
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const call = this.#waiting.shift();
    if (call === undefined) return;
    this.#current = call;
    // Sealing takes the counter here, before anything that waits.
    const { counter, record } = this.#records.seal(call.plaintext);
    this.#exchange
      .transact(recordCommand(counter), record, (command, payload) =>
        isRecordCommand(command) ? this.#records.open(payload) : undefined,
      )
      .then(
        (response) => {
          this.#current = undefined;
          call.resolve(response);
          this.#next();
        },
        // The dongle may or may not have counted this record, so no other can follow it.
        (reason: DongleError) => this.#end(reason),
      );
  }

  /** Gives up on a call. What is on its way to the dongle is still waited for, unheard. */
  #abandon(call: Call, reason: DongleError): void {
    const place = this.#waiting.indexOf(call);
    if (place >= 0) this.#waiting.splice(place, 1);
    else if (this.#current === call) this.#exchange.cancel();
    call.reject(reason);
  }

  #end(reason: DongleError): void {
    this.#ended ??= reason;
    this.#alarm.cancel();
    this.#current?.reject(reason);
    this.#current = undefined;
    for (const call of this.#waiting.splice(0)) call.reject(reason);
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
