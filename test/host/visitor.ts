import type { Hold, Invitation, Visitor } from '../../src/client/runtime.ts';
import type { DhKey } from '../../src/crypto/suite.ts';
import { holdDongle } from '../../src/host/hold-dongle.ts';

/** A program that comes to a dongle: the dongle has decided at once, and it gives that invitation. */
export function visitor(invitation?: Invitation, parts: Partial<Visitor> = {}): Visitor {
  return {
    signal: new AbortController().signal,
    decided: Promise.resolve(),
    invite: async () => invitation,
    ...parts,
  };
}

/** Comes to a dongle with nothing to give. */
export function hold(dongle: string, key: DhKey): Promise<Hold> {
  return holdDongle(dongle, key, visitor());
}
