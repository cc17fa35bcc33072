import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../../src/clock.ts';
import { type Case, runCase, type Target } from '../../../src/conformance/index.ts';
import { type Attachment, detach } from '../../../src/host/vhci.ts';
import type { FaceName } from '../../../src/link.ts';
import type { FaceSource } from '../../../src/transport/discovery.ts';
import { findHidFaces } from '../../../src/transport/hid.ts';
import { caseCheck, guestCases, sessionsOf, usesBothFaces } from '../cases.ts';
import { found, outsideAddress, plug, until } from './plugs.ts';
import type { CheckResult } from './report.ts';
import { trustEmulated } from './trust.ts';

// Runs the conformance cases on one face. While one dongle is in use, the others are plugged in anew.
// Arguments: face, and bus ids.

/** Sessions that cases may leave in a dongle before the next one takes its turn; it has room for 8. */
const sessionLimit = 3;

/** What is told of each case. */
export interface CaseMessage {
  readonly check: CheckResult;
  /** Whether another dongle was plugged in anew for it. */
  readonly replugged: boolean;
}

const [face, ...busIds] = process.argv.slice(2) as [FaceName, ...string[]];
const address = outsideAddress();
const trust = await trustEmulated();

async function replug(busId: string, last?: Attachment): Promise<Attachment> {
  if (last !== undefined) await detach(last.port);
  return plug(address, busId);
}

/** Of a dongle that was plugged in, the faces that a case needs; only libusb is slow to hear of them. */
async function facesFor(each: Case, attachment: Attachment): Promise<readonly FaceSource[]> {
  if (face !== 'hid' || usesBothFaces(each)) return (await found(attachment)).faces;
  return until(`hid of ${attachment.localBusId}`, async () => {
    const faces = (await findHidFaces()).filter(
      ({ location }) => location === attachment.localBusId,
    );
    return faces.length === 1 ? faces : undefined;
  });
}

/** Who owns each dongle, by its bus id: the next case goes on as the one before. */
const runtimes = new Map(busIds.map((busId) => [busId, new Map()] as const));

/** The dongles, the one whose turn it is first. */
const ready = busIds.map((busId) => replug(busId));
let current = await (ready.shift() as Promise<Attachment>);
let sessions = 0;
for (const each of guestCases(face)) {
  const replugged = sessions > 0 && sessions + sessionsOf(each) > sessionLimit;
  if (replugged) {
    ready.push(replug(current.busId, current));
    current = await (ready.shift() as Promise<Attachment>);
    sessions = 0;
  }
  sessions += sessionsOf(each);
  const startMs = performance.now();
  const sources = await facesFor(each, current);
  const result = await runCase(
    {
      name: 'emulated dongle on a real kernel',
      source: (name) => sources.find((source) => source.face === name) as FaceSource,
      clock: systemClock,
      pass: (ms) => delay(ms),
      toleranceMs: 10_000,
      trust,
      runtimes: runtimes.get(current.busId) as NonNullable<Target['runtimes']>,
    },
    face,
    each,
  );
  const { failure } = result;
  const ok = result.outcome === 'passed';
  const ms = Math.round(performance.now() - startMs);
  const name = caseCheck(face, each.name);
  const check: CheckResult = failure === undefined ? { name, ok, ms } : { name, ok, ms, failure };
  process.send?.({ check, replugged } satisfies CaseMessage);
}
for (const each of [current, ...(await Promise.all(ready))]) await detach(each.port);
process.disconnect?.();
