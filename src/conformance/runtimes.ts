import { suite } from '#crypto';
import { utf8 } from '../bytes.ts';
import type { DhKey } from '../crypto/suite.ts';
import { claimSchema } from '../protocol/channel/index.ts';
import { encode } from '../protocol/schema/index.ts';
import type { RuntimeStep } from './case.ts';
import { type CaseRun, type ChannelEnd, randomBytes } from './case-run.ts';
import type { ClaimChange } from './step-data.ts';
import { bytesOf } from './values.ts';

/** A runtime as cases play one: who a host says it is. */
export interface CaseRuntime {
  readonly key: DhKey;
  readonly instance: Uint8Array;
  /** Ids of its machine, 8 bytes each. */
  readonly machine: readonly Uint8Array[];
  readonly clockAheadMs: number;
  /** The last ticket that the device has given it. */
  ticket: Uint8Array | undefined;
}

/** The runtime of steps that name none. */
const defaultName = 'owner';

/** What the clock of every runtime says when the target's says 0, in milliseconds since 1970. */
const epochMs = 1_700_000_000_000;

/** The runtime of that name. */
export async function runtimeOf(run: CaseRun, name = defaultName): Promise<CaseRuntime> {
  const runtime = run.runtimes.get(name);
  // It may be of an earlier case, which has saved its key elsewhere.
  if (runtime !== undefined) return keepRuntime(run, name, runtime);
  const key = await suite.importDhKey(randomBytes(run, 32));
  const [instance, machine] = [randomBytes(run, 16), [machineId(name)]];
  return keepRuntime(run, name, { key, instance, machine, clockAheadMs: 0, ticket: undefined });
}

/** Does a step that makes or changes a runtime. */
export async function doRuntimeStep(run: CaseRun, step: RuntimeStep): Promise<void> {
  const { name, like = name, rekeyed, restarted, machine, clockMs } = step;
  const before = await runtimeOf(run, like);
  keepRuntime(run, name, {
    ...before,
    key: rekeyed ? await suite.importDhKey(randomBytes(run, 32)) : before.key,
    instance: restarted ? randomBytes(run, 16) : before.instance,
    machine: machine?.map(machineId) ?? before.machine,
    clockAheadMs: clockMs ?? before.clockAheadMs,
  });
}

/** The claim of a runtime, as the payload of message 3. */
export function claimOf(run: CaseRun, runtime: CaseRuntime, change: ClaimChange = {}): Uint8Array {
  const { instance, machine, clockAheadMs } = runtime;
  const { invitation } = change;
  const ticket = invitation === undefined ? ticketOf(run, runtime, change) : undefined;
  return encode(claimSchema, {
    instance,
    machine,
    wallMs: epochMs + Math.floor(run.target.clock.now()) + clockAheadMs,
    ...(ticket && { ticket }),
    ...(invitation && { invitation: bytesOf(invitation, run.saved, 0) }),
  });
}

/** A channel on which the runtime has a session and nothing under way. */
export function idleSessionOf(run: CaseRun, runtime: CaseRuntime): ChannelEnd | undefined {
  return [...run.channels.values()].find(({ session }) => {
    if (session === undefined || session.over) return false;
    return session.runtime === runtime && session.heard === session.sent.length;
  });
}

function ticketOf(
  run: CaseRun,
  runtime: CaseRuntime,
  { ticket = 'kept' }: ClaimChange,
): Uint8Array | undefined {
  if (ticket === 'none') return undefined;
  return ticket === 'kept' ? runtime.ticket : bytesOf(ticket, run.saved, 0);
}

function keepRuntime(run: CaseRun, name: string, runtime: CaseRuntime): CaseRuntime {
  run.runtimes.set(name, runtime);
  run.saved.set(`${name}.key`, runtime.key.publicKey);
  return runtime;
}

function machineId(name: string): Uint8Array {
  return suite.sha256(utf8(name)).slice(0, 8);
}
