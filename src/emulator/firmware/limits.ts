// The sizes of the firmware's memory. Whatever a host sends, the firmware holds no more than this.

/** Channels of the packet layer, over all faces. */
export const channelLimit = 16;

/** Sessions, over all faces. */
export const sessionLimit = 8;

/** How long an invitation to one more session is good, in milliseconds. */
export const invitationMs = 10_000;

/** How often the dongle writes down its powered time when nothing else is to be written. */
export const checkpointMs = 60_000;

/** The same in a lockout, to which a power cut adds no more than this. */
export const lockoutCheckpointMs = 1000;

/** A session unused for so long gives way when there is no room for another, in milliseconds. */
export const idleSessionMs = 10_000;

/** Keys in memory, over all sessions. */
export const sessionKeyLimit = 16;

/** Streams, over all sessions. */
export const streamLimit = 8;

/** Jobs that wait for the RSA engine, besides the one that it does. */
export const jobQueueLimit = 4;

/** Answers that wait for the host to read them, on each face. */
export const answerLimit = 32;

/** Bytes of such answers; the last one may go beyond. */
export const answerBytesLimit = 2 * 65_401;

/** How often a host hears that its request is still being executed, in milliseconds. */
export const keepaliveMs = 100;

/** Places at which one session may have seats. */
export const seatLimit = 32;
