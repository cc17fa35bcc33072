import { array, bytes, field, type Infer, optional, struct, uint } from '../schema/index.ts';

/** Bytes of a ticket, and of an invitation. */
export const ticketBytes = 16;

/**
 * What a runtime says of itself in message 3, after its static key. By its ticket or by nothing it
 * asks for the dongle; by an invitation it only opens one more session of a binding that it has.
 */
export const claimSchema = struct({
  /** Random at each start of the service. */
  instance: field(1, bytes({ length: 16 })),
  /** Hashed ids of its machine, as many as it may read; none in a page or through a relay. */
  machine: field(2, array(bytes({ length: 8 }), { max: 3 })),
  /** Its own clock, in milliseconds since 1970. */
  wallMs: field(3, uint({ max: Number.MAX_SAFE_INTEGER })),
  /** From the verdict of its last binding. */
  ticket: optional(4, bytes({ length: ticketBytes })),
  /** From `invite`, on another of its sessions. */
  invitation: optional(5, bytes({ length: ticketBytes })),
});

/** What a runtime says of itself. */
export type RuntimeClaim = Infer<typeof claimSchema>;
