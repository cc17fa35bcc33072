import type { Clock } from '../clock.ts';
import { DongleError } from '../errors.ts';
import type { CallOptions } from './call-options.ts';

/**
 * Calls `end` at most once: when the signal aborts or the deadline passes, whichever is first. The
 * returned function takes both back.
 */
export function watchCall(
  clock: Clock,
  deadlineMs: number,
  signal: AbortSignal | undefined,
  end: (reason: DongleError) => void,
): () => void {
  function abort(): void {
    finish(abortError(signal));
  }
  function stop(): void {
    cancelTimer();
    signal?.removeEventListener('abort', abort);
  }
  function finish(reason: DongleError): void {
    stop();
    end(reason);
  }
  const cancelTimer = clock.after(deadlineMs, () => finish(new DongleError('TIMEOUT')));
  signal?.addEventListener('abort', abort);
  return stop;
}

/** Throws what is wrong with a call's options: `INVALID_ARGUMENT`, or `ABORTED` already. */
export function checkOptions({ signal, deadlineMs }: CallOptions): void {
  if (deadlineMs !== undefined && !(deadlineMs > 0)) {
    throw new DongleError('INVALID_ARGUMENT', 'deadlineMs must be a number above 0.');
  }
  if (signal?.aborted) throw abortError(signal);
}

/** What a call ends with when its signal has aborted. */
export function abortError(signal: AbortSignal | undefined): DongleError {
  return new DongleError('ABORTED', undefined, { cause: signal?.reason });
}
