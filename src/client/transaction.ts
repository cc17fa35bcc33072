import { DongleError, type ErrorCode } from '../errors.ts';
import { type HostEvent, isRecordCommand } from '../protocol/packets/index.ts';

/** A dongle that executes says so each 100 ms; after so much silence something was lost. */
const silenceMs = 1000;
/** How often a message is sent before the dongle is given up. */
const attemptLimit = 3;

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
  'SUPERSEDED',
  'BINDING_LOST',
  'LOCKED_OUT',
  'SHARED',
]);

/** Whether an error says that there is no session any more. */
export function endsSession(code: ErrorCode): boolean {
  return endErrors.has(code);
}

/** What to do about a transaction: nothing, send it again at once or after a pause, or give it up. */
export type Step = 'wait' | 'repeat' | 'pause' | DongleError;

/** A message: its packet command and its payload. */
export interface Message {
  readonly command: number;
  readonly payload: Uint8Array;
}

/**
 * A message under way, or (without one) the INIT that asks for a channel. It says when that is to be
 * sent again: what was lost is, but others can provoke errors and cannot make it be sent for ever.
 * Times are in milliseconds.
 */
export class Transaction {
  readonly message: Message | undefined;
  /** Settles it if the event is its answer. */
  readonly take: (event: HostEvent) => boolean;
  readonly fail: (reason: DongleError) => void;
  /** Whether the caller has given it up. */
  cancelled = false;
  #heardMs = 0;
  #attempt = 1;
  /** Whether it was sent again at once, as something was said to be lost; silence decides then. */
  #hurried = false;

  constructor(
    message: Message | undefined,
    take: (event: HostEvent) => boolean,
    fail: (reason: DongleError) => void,
  ) {
    this.message = message;
    this.take = take;
    this.fail = fail;
  }

  /** When the dongle will have been silent for too long. */
  get dueMs(): number {
    return this.#heardMs + silenceMs;
  }

  /** The dongle shows that it lives, or could not do so before now. */
  heard(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  /** Something that is not its answer has come. */
  other(event: HostEvent, nowMs: number): Step {
    if (event.kind === 'keepalive') this.heard(nowMs);
    if (event.kind === 'invalid') return this.#hurry();
    if (event.kind !== 'error') return 'wait';
    const { code } = event;
    if (code === 'CHANNEL_BUSY') {
      // Somebody else has the dongle; the call's own deadline says for how long that may be.
      this.heard(nowMs);
      return 'pause';
    }
    // On the broadcast channel everybody hears everybody's errors.
    if (this.message === undefined) return 'wait';
    const isLoss = isRecordCommand(this.message.command)
      ? !endsSession(code)
      : lossErrors.has(code);
    return isLoss ? this.#hurry() : new DongleError(code);
  }

  /** Nothing has come. */
  silence(nowMs: number): Step {
    if (nowMs < this.dueMs) return 'wait';
    if (this.#attempt++ < attemptLimit) return 'repeat';
    return new DongleError('LINK_FAILED', 'The dongle has fallen silent; connect again.');
  }

  #hurry(): Step {
    if (this.#hurried) return 'wait';
    this.#hurried = true;
    return 'repeat';
  }
}
