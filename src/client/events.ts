import type { DongleError, ErrorCode } from '../errors.ts';
import type { SharingReport } from './sharing.ts';

/** What happens to a connected dongle. */
export type DongleEvent =
  /** This connect has bound the dongle to the runtime anew. */
  | { readonly kind: 'bound'; readonly epoch: number }
  /** Others have asked for the dongle, this many times since the binding. */
  | { readonly kind: 'knocked'; readonly knocks: number }
  /** Another machine uses the dongle too; told under the policy `warn` alone. */
  | { readonly kind: 'sharing-suspected'; readonly sharing: SharingReport }
  /** The session is over, for this reason, and not by `close()` or `handOver()`. */
  | { readonly kind: EndKind; readonly reason: DongleError };

/**
 * How a session ends: another start of this runtime has the dongle; somebody else has it, or nobody
 * knows who; the dongle is locked; it is shared between machines; it cannot be reached any more.
 */
type EndKind = 'superseded' | 'binding-lost' | 'locked-out' | 'shared' | 'detached';

const endKinds: Partial<Record<ErrorCode, EndKind>> = {
  SUPERSEDED: 'superseded',
  LOCKED_OUT: 'locked-out',
  SHARED: 'shared',
};

/** What the end of a session is for whoever listens; undefined for one of its own will. */
export function endEvent(reason: DongleError): DongleEvent | undefined {
  if (reason.code === 'CLOSED') return undefined;
  const kind = endKinds[reason.code] ?? (reason.layer === 'link' ? 'detached' : 'binding-lost');
  return { kind, reason };
}
