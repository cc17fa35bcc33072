import type { Clock } from '../clock.ts';
import { DongleError } from '../errors.ts';
import { Alarm } from './alarm.ts';
import { abortError } from './deadline.ts';

/** A request whose caller waits for the response. */
interface Call {
  readonly plaintext: Uint8Array;
  /** On the session's clock, in milliseconds. */
  readonly deadlineMs: number;
  readonly resolve: (response: Uint8Array) => void;
  readonly reject: (reason: DongleError) => void;
}

/** Where a call is put among those that wait: signs of life do not wait for others. */
export type Turn = 'next' | 'last';

/** The callers of a session: one whose request is under way, and those that wait for their turn. */
export class Calls {
  readonly #clock: Clock;
  readonly #cancel: () => void;
  readonly #alarm: Alarm;
  readonly #waiting: Call[] = [];
  #current: Call | undefined;

  /** `cancel` tells the dongle that nobody waits any more for what is under way. */
  constructor(clock: Clock, cancel: () => void) {
    this.#clock = clock;
    this.#cancel = cancel;
    this.#alarm = new Alarm(clock, (nowMs) => this.#checkDeadlines(nowMs));
  }

  /** Whether a request is under way. */
  get busy(): boolean {
    return this.#current !== undefined;
  }

  /** A call that waits. It ends with `ABORTED` or `TIMEOUT` if that comes before its response. */
  add(
    plaintext: Uint8Array,
    deadlineMs: number,
    signal: AbortSignal | undefined,
    turn: Turn,
  ): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const plain = { plaintext, deadlineMs: this.#clock.now() + deadlineMs, resolve, reject };
      const call = signal === undefined ? plain : this.#abortable(plain, signal);
      if (turn === 'next') this.#waiting.unshift(call);
      else this.#waiting.push(call);
      this.#alarm.set(call.deadlineMs);
    });
  }

  /** The request whose turn it is, which is under way from now on; undefined when there is none. */
  begin(): Uint8Array | undefined {
    this.#current = this.#waiting.shift();
    return this.#current?.plaintext;
  }

  /** The response to what is under way. */
  answer(response: Uint8Array): void {
    this.#current?.resolve(response);
    this.#current = undefined;
  }

  /** Nobody waits any more. What is under way still is, but its response is for nobody. */
  abandonAll(reason: DongleError): void {
    for (const call of this.#all()) this.#abandon(call, reason);
  }

  /** There is no response to anything any more. */
  end(reason: DongleError): void {
    this.#alarm.cancel();
    const calls = this.#all();
    this.#current = undefined;
    this.#waiting.length = 0;
    for (const call of calls) call.reject(reason);
  }

  #all(): Call[] {
    return this.#current === undefined ? [...this.#waiting] : [this.#current, ...this.#waiting];
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
    for (const call of this.#all()) {
      if (call.deadlineMs > nowMs) this.#alarm.set(call.deadlineMs);
      else this.#abandon(call, new DongleError('TIMEOUT'));
    }
  }

  #abandon(call: Call, reason: DongleError): void {
    const place = this.#waiting.indexOf(call);
    if (place >= 0) this.#waiting.splice(place, 1);
    else if (this.#current === call) this.#cancel();
    call.reject(reason);
  }
}
