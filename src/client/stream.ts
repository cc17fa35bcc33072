import { concatBytes } from '../bytes.ts';
import { DongleError } from '../errors.ts';
import * as commands from '../protocol/commands/index.ts';
import type { CallOptions } from './call-options.ts';
import type { Session } from './session.ts';

/** Deadline of each message of a stream, in milliseconds: a slow link needs seconds for the longest. */
const streamDeadlineMs = 15_000;

/** What a message has besides the data, at most: the command, the map, the stream's number, lengths. */
const envelopeBytes = 16;

/** ECB and CBC take whole blocks alone. */
const blockBytes = 16;

/**
 * An operation on the chip that is longer than a message. It belongs to the session; finish it or
 * dispose of it, as the dongle has room for eight. A call that fails ends it, as nobody knows then
 * how far it has come.
 */
export class ChipStream implements AsyncDisposable {
  readonly #session: Session;
  readonly #stream: number;
  #state: 'open' | 'over' = 'open';

  constructor(session: Session, stream: number) {
    this.#session = session;
    this.#stream = stream;
  }

  /** The most that goes in one message, in bytes: whole blocks. */
  get messageBytes(): number {
    const room = this.#session.largestPlaintext - envelopeBytes;
    return room - (room % blockBytes);
  }

  /**
   * Puts data of any length through, in messages as long as the link allows; gives what comes out,
   * which is nothing for a MAC. Wait for it before the next call. The data must not change meanwhile.
   *
   * @throws DongleError `INVALID_ARGUMENT` where ECB or CBC get no whole blocks, `STREAM_NOT_FOUND`
   * after the end
   */
  async update(data: Uint8Array, options?: CallOptions): Promise<Uint8Array> {
    try {
      return await this.#update(data, options);
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Ends the stream; gives the GCM tag or the MAC, and else nothing.
   *
   * @throws DongleError `STREAM_NOT_FOUND` after the end
   */
  async finish(options?: CallOptions): Promise<Uint8Array> {
    if (this.#state === 'over') throw new DongleError('STREAM_NOT_FOUND');
    const { data } = await this.#session.call(
      commands.streamFinish,
      { stream: this.#stream },
      streamDeadlineMs,
      options,
    );
    this.#state = 'over';
    return data;
  }

  /** Gives the stream up, if it has not been finished. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Where the session is over, the stream has gone too.
    if (this.#state === 'open') await this.finish().catch(() => {});
    this.#state = 'over';
  }

  async #update(data: Uint8Array, options?: CallOptions): Promise<Uint8Array> {
    const { messageBytes } = this;
    if (data.length <= messageBytes) return this.#send(data, options);
    const parts: Uint8Array[] = [];
    // The next message waits while one is on its way, so that the link never does.
    let sent = this.#send(data.subarray(0, messageBytes), options);
    for (let at = messageBytes; at < data.length; at += messageBytes) {
      const next = this.#send(data.subarray(at, at + messageBytes), options);
      // Where the one before fails, nobody asks how this one ends.
      next.catch(() => {});
      parts.push(await sent);
      sent = next;
    }
    parts.push(await sent);
    return concatBytes(...parts);
  }

  async #send(data: Uint8Array, options?: CallOptions): Promise<Uint8Array> {
    if (this.#state === 'over') throw new DongleError('STREAM_NOT_FOUND');
    const request = { stream: this.#stream, data };
    const response = await this.#session.call(
      commands.streamUpdate,
      request,
      streamDeadlineMs,
      options,
    );
    return response.data;
  }
}

/** All of the data through a stream that ends with it. */
export async function throughStream(
  stream: ChipStream,
  data: Uint8Array,
  options?: CallOptions,
): Promise<Uint8Array> {
  await using open = stream;
  const out = await open.update(data, options);
  const rest = await open.finish(options);
  return rest.length === 0 ? out : concatBytes(out, rest);
}

/** Whatever comes from a source through a stream that ends with it. */
export async function* pipeThrough(
  stream: ChipStream,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options?: CallOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  await using open = stream;
  for await (const message of regrouped(source, open.messageBytes)) {
    const out = await open.update(message, options);
    if (out.length > 0) yield out;
  }
  const rest = await open.finish(options);
  if (rest.length > 0) yield rest;
}

/**
 * The same bytes in pieces of this length, of which the last may be shorter. Each is good only until
 * the next is asked for.
 */
async function* regrouped(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  pieceBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const piece = new Uint8Array(pieceBytes);
  let filled = 0;
  for await (const bytes of source) {
    for (let from = 0; from < bytes.length; ) {
      const part = bytes.subarray(from, from + pieceBytes - filled);
      piece.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < pieceBytes) continue;
      yield piece;
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
