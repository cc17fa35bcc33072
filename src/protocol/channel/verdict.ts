import { field, type Infer, struct, uint } from '../schema/index.ts';

/** What the first record of the dongle, right after the handshake, tells the host. */
export const verdict = struct({
  /** Longest plaintext of a record on this channel, in bytes, both ways. */
  largestPlaintext: field(1, uint({ max: 65_535 })),
});

/** The dongle's word on a new session. */
export type Verdict = Infer<typeof verdict>;
