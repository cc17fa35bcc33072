import type { Clock } from '../clock.ts';
import { DongleError, type ErrorCode } from '../errors.ts';
import type { Link, LinkListener, LinkSource, PacketBatch } from '../link.ts';
import {
  type HostEvent,
  HostPackets,
  isRecordCommand,
  largestMessage,
} from '../protocol/packets/index.ts';
import { Alarm } from './alarm.ts';

/** A dongle that executes says so each 100 ms; after so much silence something was lost. */
const silenceMs = 1000;
/** How often a message is sent before the dongle is given up. */
const attemptLimit = 3;
/** Pause before a message is sent again to a dongle that is busy with another channel. */
const busyPauseMs = 20;

/** Errors that say the message did not arrive whole: it is sent again as it was. */
const lossErrors: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'INVALID_SEQUENCE',
  'INVALID_LENGTH',
  'MESSAGE_TIMEOUT',
]);

/**
 * Errors that end a session. Any other may be the answer to a packet that another program has put on
 * our channel, so it ends nothing.
 */
const endErrors: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'NO_SESSION',
  'FORKED',
  'INVALID_CHANNEL',
]);

/** Looks at an answer: its meaning, or undefined when it answers something else. */
export type Accept<Answer> = (command: number, payload: Uint8Array) => Answer | undefined;

/** A message under way, or (without one) the INIT that asks for a channel. */
interface Transaction {
  readonly message: { readonly command: number; readonly payload: Uint8Array } | undefined;
  /** Settles the transaction if the event is its answer. */
  readonly take: (event: HostEvent) => boolean;
  readonly fail: (reason: DongleError) => void;
  attempt: number;
  heardMs: number;
  /** Whether it was sent again at once, as something was said to be lost; silence decides then. */
  hurried: boolean;
  /** Whether the caller has given it up. */
  cancelled: boolean;
}

/**
 * Messages to one channel of a dongle and their answers, one at a time. What is lost on the way is
 * sent again byte for byte, which the dongle answers from its memory and does not do twice.
 */
export class Exchange {
  readonly #clock: Clock;
  readonly #nonce: Uint8Array;
  readonly #alarm: Alarm;
  #link!: Link;
  #packets: HostPackets | undefined;
  #transaction: Transaction | undefined;
  #ended: DongleError | undefined;
  #cancelPause: (() => void) | undefined;
  #lastSend: Promise<void> = Promise.resolve();

  private constructor(clock: Clock, nonce: Uint8Array) {
    this.#clock = clock;
    this.#nonce = nonce;
    this.#alarm = new Alarm(clock, (nowMs) => this.#ring(nowMs));
  }

  /** Opens a link; `join` comes next. `nonce` is 8 random bytes. */
  static async open(source: LinkSource, clock: Clock, nonce: Uint8Array): Promise<Exchange> {
    const exchange = new Exchange(clock, nonce);
    const listener: LinkListener = {
      packets: (batch) => exchange.#receive(batch),
      detached: (reason) => exchange.#end(reason),
    };
    exchange.#link = await source.open(listener);
    exchange.#packets = new HostPackets(exchange.#link);
    return exchange;
  }

  /** Longest message that the link can carry, in bytes. */
  get largestMessage(): number {
    return largestMessage(this.#link.packetBytes);
  }

  /** Asks for a channel. */
  async join(): Promise<void> {
    await this.#begin(undefined, (event) => (event.kind === 'ready' ? event : undefined));
  }

  /**
   * Sends a message and waits for the answer that `accept` takes. There is one transaction at a
   * time; the caller keeps to that. `payload` must not change until it is over.
   */
  transact<Answer>(command: number, payload: Uint8Array, accept: Accept<Answer>): Promise<Answer> {
    return this.#begin({ command, payload }, (event) =>
      event.kind === 'message' ? accept(event.command, event.payload) : undefined,
    );
  }

  /** Asks the dongle to cancel what it executes for this channel; the transaction goes on. */
  cancel(): void {
    if (this.#transaction === undefined) return;
    this.#transaction.cancelled = true;
    this.#send(this.#connected.cancel());
  }

  /** Closes the link; a transaction under way fails with `CLOSED`. */
  async close(): Promise<void> {
    this.#end(new DongleError('CLOSED'));
    await this.#link.close();
  }

  #begin<Answer>(
    message: Transaction['message'],
    accept: (event: HostEvent) => Answer | undefined,
  ): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#transaction = {
        message,
        take: (event) => {
          const answer = accept(event);
          if (answer === undefined) return false;
          resolve(answer);
          return true;
        },
        fail: reject,
        attempt: 1,
        heardMs: 0,
        hurried: false,
        cancelled: false,
      };
      this.#transmit(this.#transaction);
    });
  }

  get #connected(): HostPackets {
    return this.#packets as HostPackets;
  }

  #transmit(transaction: Transaction): void {
    transaction.heardMs = this.#clock.now();
    this.#alarm.set(transaction.heardMs + silenceMs);
    const { message } = transaction;
    if (message === undefined) {
      this.#send(this.#connected.init(this.#nonce));
      return;
    }
    this.#send(this.#connected.request(message.command, message.payload));
    // The CANCEL of before has found nothing, if the request was lost.
    if (transaction.cancelled) this.#send(this.#connected.cancel());
  }

  #receive(batch: PacketBatch): void {
    // What comes before we have said anything is for somebody else.
    if (this.#packets === undefined) return;
    this.#packets.receive(batch, this.#clock.now(), this.#handle);
    // An answer has begun, and its rest may never come.
    const { nextDeadlineMs } = this.#packets;
    if (nextDeadlineMs !== undefined) this.#alarm.set(nextDeadlineMs);
  }

  readonly #handle = (event: HostEvent): void => {
    const transaction = this.#transaction;
    if (transaction === undefined) return;
    if (transaction.take(event)) {
      this.#transaction = undefined;
    } else if (event.kind === 'keepalive') {
      transaction.heardMs = this.#clock.now();
    } else if (event.kind === 'error') {
      this.#handleError(transaction, event.code);
    } else if (event.kind === 'invalid') {
      this.#hurry(transaction);
    }
  };

  #handleError(transaction: Transaction, code: ErrorCode): void {
    const { message } = transaction;
    if (code === 'CHANNEL_BUSY') {
      this.#waitWhileBusy(transaction);
    } else if (message === undefined) {
      // On the broadcast channel everybody hears everybody's errors.
    } else if (isRecordCommand(message.command) ? !endErrors.has(code) : lossErrors.has(code)) {
      this.#hurry(transaction);
    } else {
      this.#fail(new DongleError(code));
    }
  }

  /** Somebody else has the dongle; the call's own deadline says for how long that may be. */
  #waitWhileBusy(transaction: Transaction): void {
    transaction.heardMs = this.#clock.now();
    this.#cancelPause?.();
    this.#cancelPause = this.#clock.after(busyPauseMs, () => this.#transmitAgain(transaction));
  }

  /** Sends again at once, but only the first time: errors can be provoked by others. */
  #hurry(transaction: Transaction): void {
    if (transaction.hurried) return;
    transaction.hurried = true;
    this.#repeat(transaction);
  }

  #ring(nowMs: number): void {
    const cutShort = this.#connected.tick(nowMs);
    if (cutShort !== undefined) this.#handle(cutShort);
    this.#checkSilence(nowMs);
  }

  #checkSilence(nowMs: number): void {
    const transaction = this.#transaction;
    if (transaction === undefined) return;
    const dueMs = transaction.heardMs + silenceMs;
    if (nowMs < dueMs) {
      this.#alarm.set(dueMs);
    } else if (transaction.attempt < attemptLimit) {
      transaction.attempt++;
      this.#repeat(transaction);
    } else {
      this.#fail(new DongleError('LINK_FAILED', 'The dongle has fallen silent; connect again.'));
    }
  }

  /** Brings both ends back into step (INIT drops a message cut short) and sends once more. */
  #repeat(transaction: Transaction): void {
    if (transaction.message !== undefined) this.#send(this.#connected.init(this.#nonce));
    this.#transmitAgain(transaction);
  }

  #transmitAgain(transaction: Transaction): void {
    // The buffer of the packets may still be on its way from the time before.
    void this.#lastSend.then(() => {
      if (this.#transaction === transaction) this.#transmit(transaction);
    });
  }

  #send(batch: PacketBatch): void {
    this.#lastSend = this.#link.send(batch).then(this.#sent, this.#sendFailed);
  }

  /** Silence counts from when the whole message was on its way: a link may be slow. */
  readonly #sent = (): void => {
    if (this.#transaction !== undefined) this.#transaction.heardMs = this.#clock.now();
  };

  readonly #sendFailed = (cause: unknown): void => {
    this.#end(
      cause instanceof DongleError ? cause : new DongleError('LINK_FAILED', undefined, { cause }),
    );
  };

  #fail(reason: DongleError): void {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    transaction?.fail(reason);
  }

  #end(reason: DongleError): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#alarm.cancel();
    this.#cancelPause?.();
    this.#fail(reason);
  }
}
