import type { HostClock } from '../clock.ts';
import { DongleError } from '../errors.ts';
import type { Refusal, RuntimeClaim } from '../protocol/channel/index.ts';
import type { Invitation, Runtime } from './runtime.ts';

/**
 * What a runtime says to get a session: by invitation while another of its sessions lives, as that
 * one must not end, and else by ticket. Whoever has neither says nothing more, as the first time.
 */
export async function makeClaim(
  runtime: Runtime,
  dongle: string,
  invitation: Invitation | undefined,
  clock: HostClock,
): Promise<RuntimeClaim> {
  const { instance, machine } = runtime;
  const said = { machine, wallMs: Math.max(0, Math.floor(clock.wall())) };
  if (invitation !== undefined) return { ...said, ...invitation };
  const ticket = await runtime.ticket(dongle);
  return { ...said, instance, ...(ticket === undefined ? {} : { ticket }) };
}

/** What a dongle's refusal is to the caller. */
export function refusalError({ outcome, waitMs }: Refusal): DongleError {
  if (outcome === 'lockedOut') return lockedOut(waitMs);
  return new DongleError(outcome === 'shared' ? 'SHARED' : 'BOUND_ELSEWHERE', undefined, {
    waitMs,
  });
}

/** The dongle is locked for so long. */
export function lockedOut(waitMs: number): DongleError {
  return new DongleError(
    'LOCKED_OUT',
    `The dongle has changed hands or has been replugged too often and refuses everybody (${Math.ceil(waitMs / 1000)} s left); leave it plugged in and try again then.`,
    { waitMs },
  );
}
