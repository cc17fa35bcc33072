import type { HostClock } from '../clock.ts';
import { DongleError } from '../errors.ts';
import type { Refusal, RuntimeClaim } from '../protocol/channel/index.ts';
import type { Bond } from './bond.ts';
import type { Ending } from './ending.ts';
import type { Runtime } from './runtime.ts';

/**
 * What a runtime says to get a session: by invitation while another of its sessions lives, as that
 * one must not end, and else by ticket. Whoever has neither says nothing more, as the first time.
 *
 * @param over - resolves when the dongle has decided
 */
export async function makeClaim(
  runtime: Runtime,
  dongle: string,
  bond: Bond,
  clock: HostClock,
  ending: Ending,
  over: Promise<unknown>,
): Promise<RuntimeClaim> {
  const { instance, machine } = runtime;
  const invitation = await invited(bond, ending, over);
  const ticket = invitation === undefined ? await runtime.ticket(dongle) : undefined;
  return {
    instance,
    machine,
    wallMs: Math.max(0, Math.floor(clock.wall())),
    ...(invitation === undefined ? {} : { invitation }),
    ...(ticket === undefined ? {} : { ticket }),
  };
}

/** An invitation by a session that answers, one that is idle if there is one. */
async function invited(
  bond: Bond,
  ending: Ending,
  over: Promise<unknown>,
): Promise<Uint8Array | undefined> {
  const newestFirst = [...bond.sessions].reverse();
  const idleFirst = [
    ...newestFirst.filter(({ busy }) => !busy),
    ...newestFirst.filter(({ busy }) => busy),
  ];
  for (const session of idleFirst) {
    try {
      return await session.invite(ending.signal, over);
    } catch (error) {
      // One that has ended by that was lost already; the dongle's own refusal is an answer.
      if (!session.over) throw error;
    }
  }
  return undefined;
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
