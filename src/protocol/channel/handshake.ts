import type { DhKey, MaybePromise } from '../../crypto/suite.ts';
import { createHandshake, type Handshake, type Role, type TransportKey } from '../noise/index.ts';

/** The keys of a session, as one of its ends holds them. */
export interface SessionKeys {
  readonly send: TransportKey;
  readonly receive: TransportKey;
}

/** The pattern of every channel. There is one suite and no negotiation. */
export const channelPattern = 'XX';

/**
 * Begins the handshake of a channel. Message 2 carries the dongle's certificate chain; the host
 * checks it before it writes message 3.
 */
export function channelHandshake(options: {
  readonly role: Role;
  readonly prologue: Uint8Array;
  readonly staticKey: DhKey;
  readonly generateEphemeral?: () => MaybePromise<DhKey>;
}): Handshake {
  const { role, prologue, staticKey, generateEphemeral } = options;
  return createHandshake({ pattern: channelPattern, role, prologue, staticKey, generateEphemeral });
}
