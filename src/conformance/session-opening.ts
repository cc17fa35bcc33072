import type { ChannelStep } from './case.ts';
import type { CaseRun } from './case-run.ts';
import { doChannelStep } from './channel-steps.ts';
import { openChannel } from './packet-steps.ts';
import { idleSessionOf, runtimeOf } from './runtimes.ts';
import { doSessionStep } from './session-steps.ts';
import type { ClaimChange } from './step-data.ts';

/** Does the whole of a handshake. */
export async function openSession(
  run: CaseRun,
  step: ChannelStep & { do: 'session' },
): Promise<void> {
  const { on, as } = step;
  const { greeting } = run.channels.get(on) ?? (await openChannel(run, on, {}));
  const runtime = as === undefined && greeting ? greeting.runtime : await runtimeOf(run, as);
  if (greeting?.runtime !== runtime) {
    await doChannelStep(run, { do: 'hello', on, ...(as !== undefined && { as }) });
  }
  await doChannelStep(run, { do: 'say', message: 1, on });
  await doChannelStep(run, { do: 'hear', message: 2, on });
  const inviting = step.claim === undefined ? idleSessionOf(run, runtime) : undefined;
  const claim = inviting === undefined ? step.claim : await invite(run, inviting.name, on);
  await doChannelStep(run, { do: 'say', message: 3, on, ...(claim && { claim }) });
  await doChannelStep(run, { ...step, do: 'hear', message: 'verdict' });
}

/** Asks for an invitation, which is kept under the name of the channel that it is for. */
async function invite(run: CaseRun, on: string, channel: string): Promise<ClaimChange> {
  const invitation = `invitation of ${channel}`;
  const fields = { nonce: { bytes: 8 } };
  await doSessionStep(run, { do: 'call', on, command: 'invite', fields, save: { invitation } });
  return { invitation: { saved: invitation } };
}
