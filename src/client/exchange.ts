import type { Clock } from '../clock.ts';
import { DongleError } from '../errors.ts';
import type { Link, LinkListener, LinkSource, PacketBatch } from '../link.ts';
import { type HostEvent, HostPackets, largestMessage } from '../protocol/packets/index.ts';
import { Alarm } from './alarm.ts';
import { endsSession, type Message, type Step, Transaction } from './transaction.ts';

/** Pause before a message is sent again to a dongle that is busy with another channel. */
const busyPauseMs = 20;

/** Hears what no transaction waits for. Both calls must not throw. */
export interface ExchangeListener {
  /** The link is closed or lost, or the dongle has said unasked that the session is over. */
  ended(reason: DongleError): void;
  /** The dongle talks to somebody else, on this channel. */
  foreign(channel: number): void;
}

/** Looks at an answer: its meaning, or undefined when it answers something else. */
export type Accept<Answer> = (command: number, payload: Uint8Array) => Answer | undefined;

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
  #listener: ExchangeListener | undefined;
  #transaction: Transaction | undefined;
  #ended: DongleError | undefined;
  /** What the dongle has said unasked, before anybody listened, since the last message. */
  #unheard: DongleError | undefined;
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

  /** Our channel, once `join` has asked for it. */
  get channel(): number {
    return this.#connected.channel as number;
  }

  /** Name of the device in this system, where it has one. */
  get path(): string | undefined {
    return this.#link.path;
  }

  /** Tells `listener` from now on, which may be at once. */
  listen(listener: ExchangeListener): void {
    this.#listener = listener;
    if (this.ended !== undefined) listener.ended(this.ended);
  }

  /** Why there is no session on this channel any more, as far as that is known. */
  get ended(): DongleError | undefined {
    return this.#ended ?? this.#unheard;
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

  /** Closes the link; a transaction under way fails with `CLOSED`. Never rejects. */
  async close(): Promise<void> {
    this.#end(new DongleError('CLOSED'));
    // What cannot be given back has gone already.
    await this.#link.close().catch(() => {});
  }

  #begin<Answer>(
    message: Message | undefined,
    accept: (event: HostEvent) => Answer | undefined,
  ): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#unheard = undefined;
      const take = (event: HostEvent) => {
        const answer = accept(event);
        if (answer === undefined) return false;
        resolve(answer);
        return true;
      };
      this.#transaction = new Transaction(message, take, reject);
      this.#transmit(this.#transaction);
    });
  }

  get #connected(): HostPackets {
    return this.#packets as HostPackets;
  }

  #transmit(transaction: Transaction): void {
    transaction.heard(this.#clock.now());
    this.#alarm.set(transaction.dueMs);
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
    if (event.kind === 'foreign') {
      this.#listener?.foreign(event.channel);
    } else if (transaction === undefined) {
      if (event.kind !== 'error' || !endsSession(event.code)) return;
      this.#unheard = new DongleError(event.code);
      this.#listener?.ended(this.#unheard);
    } else if (transaction.take(event)) {
      this.#transaction = undefined;
    } else {
      this.#take(transaction, transaction.other(event, this.#clock.now()));
    }
  };

  #ring(nowMs: number): void {
    const cutShort = this.#connected.tick(nowMs);
    if (cutShort !== undefined) this.#handle(cutShort);
    this.#checkSilence(nowMs);
  }

  #checkSilence(nowMs: number): void {
    const transaction = this.#transaction;
    if (transaction === undefined) return;
    const step = transaction.silence(nowMs);
    if (step === 'wait') this.#alarm.set(transaction.dueMs);
    this.#take(transaction, step);
  }

  #take(transaction: Transaction, step: Step): void {
    if (step === 'repeat') {
      this.#repeat(transaction);
    } else if (step === 'pause') {
      this.#cancelPause?.();
      this.#cancelPause = this.#clock.after(busyPauseMs, () => this.#transmitAgain(transaction));
    } else if (step !== 'wait') {
      this.#fail(step);
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
    this.#transaction?.heard(this.#clock.now());
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
    this.#listener?.ended(reason);
  }
}
