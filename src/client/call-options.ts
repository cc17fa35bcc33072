/** What every call on a dongle takes besides its arguments. */
export interface CallOptions {
  /** Ends the call with `ABORTED`, and tells the dongle to cancel what it has begun. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the call ends with `TIMEOUT`. */
  readonly deadlineMs?: number;
}
