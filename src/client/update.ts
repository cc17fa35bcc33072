import { DongleError } from '../errors.ts';
import * as commands from '../protocol/commands/index.ts';
import { maxUpdateBytes } from '../protocol/updates/files.ts';
import type { CallOptions } from './call-options.ts';
import type { Session } from './session.ts';

/** Deadline of each command, in milliseconds. */
const updateDeadlineMs = 20_000;

/** An update file, and what is around its sealed part. */
const mostFileBytes = maxUpdateBytes + 512;

/** What a message has besides its part of the file, at most. */
const envelopeBytes = 16;

/** What was made of an update file. */
export interface AppliedUpdate {
  /** The receipt file, signed by the dongle, for the vendor. */
  readonly receipt: Uint8Array;
  /** How many of its updates the dongle had not had: 0 for a file that changes nothing. */
  readonly applied: number;
}

/** How an update file is applied. */
export interface ApplyOptions extends CallOptions {
  /** Told how many bytes of how many have been sent. */
  readonly onProgress?: (sentBytes: number, totalBytes: number) => void;
}

/** Updates of licenses, memory and keys, as files between the dongle and its vendors. */
export interface Update {
  /**
   * Makes a context: a file that tells a vendor who the dongle is and where it stands, and to which an
   * update is sealed. The dongle remembers the last four.
   *
   * @example
   * const file = await dongle.update.context();
   */
  context(options?: CallOptions): Promise<Uint8Array>;
  /**
   * Applies an update file, whole or not at all, whatever happens meanwhile. One that the dongle has had
   * changes nothing and gives the receipt again, so after a failure it may simply be applied again.
   *
   * @param file - up to 33,280 bytes
   * @throws DongleError `UPDATE_INVALID` for a damaged or altered file, `UPDATE_UNTRUSTED` where no
   * vendor's key for updates has signed it, `UPDATE_OTHER_DONGLE`, `UPDATE_OTHER_CONTEXT` where the dongle
   * does not know the context any more, `UPDATE_GAP` where updates before it are missing, `UPDATE_FORKED`
   * where the dongle has had others, `UPDATE_IMPOSSIBLE` where it cannot do what the file says, `BUSY` while
   * another session sends a file, `INVALID_ARGUMENT` for one that is empty or too long
   * @example
   * const { receipt, applied } = await dongle.update.apply(updateFile, {
   *   onProgress: (sentBytes, totalBytes) => console.log(`${sentBytes} of ${totalBytes} bytes`),
   * });
   */
  apply(file: Uint8Array, options?: ApplyOptions): Promise<AppliedUpdate>;
  /**
   * Makes the receipt of a vendor's last update again, where it was lost.
   *
   * @throws DongleError `INVALID_ARGUMENT` where that vendor has sent none
   * @example
   * await dongle.update.apply(updateFile);
   * const file = await dongle.update.receipt(vendor);
   */
  receipt(vendor: number, options?: CallOptions): Promise<Uint8Array>;
}

/** These commands over a session. */
export function updateOf(session: Session): Update {
  return {
    async context(options) {
      return (await session.call(commands.makeContext, {}, updateDeadlineMs, options)).file;
    },
    async apply(file, { onProgress, ...options } = {}) {
      const size = file.length;
      if (size === 0 || size > mostFileBytes) {
        throw new DongleError(
          'INVALID_ARGUMENT',
          `An update file has 1 to ${mostFileBytes} bytes; this is none.`,
        );
      }
      await session.call(commands.beginUpdate, { size }, updateDeadlineMs, options);
      const partBytes = session.largestPlaintext - envelopeBytes;
      for (let offset = 0; offset < size; offset += partBytes) {
        const data = file.subarray(offset, offset + partBytes);
        await session.call(commands.writeUpdate, { offset, data }, updateDeadlineMs, options);
        onProgress?.(offset + data.length, size);
      }
      return session.call(commands.applyUpdate, {}, updateDeadlineMs, options);
    },
    async receipt(vendor, options) {
      return (await session.call(commands.makeReceipt, { vendor }, updateDeadlineMs, options)).file;
    },
  };
}
