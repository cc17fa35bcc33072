import {
  type ProgramName,
  type ScenarioEvent,
  type ScenarioStep,
  Simulation,
} from '../conformance/scenarios/index.ts';
import type { Demo, DemoStep } from './demo-steps.ts';

/** A part of a demo: what is done, and what has to come of it. */
interface Part {
  readonly name: string;
  readonly steps: readonly ScenarioStep[];
  /** Events that have to be there, as `A1 bound`. */
  readonly events: readonly string[];
  /** Who is licensed then. */
  readonly licensed: readonly ProgramName[];
  readonly meaning: string;
}

const start = (program: ProgramName): ScenarioStep => ({ do: 'start', program });
const plug = (machine: 'A' | 'B'): ScenarioStep => ({ do: 'plug', machine });
const wait = (seconds: number): ScenarioStep => ({ do: 'wait', ms: seconds * 1000 });
const second = 1000;

/** How a dongle changes hands: at most one machine has it, and the other one is told. */
export function takeover(): Demo {
  return demoOf('latchkey demo takeover: one dongle, and at most one machine that has it', [
    {
      name: 'bind',
      steps: [plug('A'), start('A1'), wait(5)],
      events: ['A1 bound'],
      licensed: ['A1'],
      meaning: 'the dongle is bound to machine A, whose program is licensed',
    },
    {
      name: 'move',
      steps: [start('B1'), plug('B'), wait(5)],
      events: ['A1 detached', 'B1 bound'],
      licensed: ['B1'],
      meaning: 'plugged into B: A is told at once, and B takes the dongle over',
    },
    {
      name: 'restart',
      steps: [
        { do: 'takeSnapshot', machine: 'B' },
        { do: 'kill', program: 'B1' },
        start('B1'),
        wait(5),
      ],
      events: ['B1 bound'],
      licensed: ['B1'],
      meaning: 'B’s program is killed and started: its ticket gets it the dongle back at once',
    },
    {
      name: 'clone',
      steps: [
        { do: 'kill', program: 'A1' },
        { do: 'restoreSnapshot', machine: 'C' },
        { do: 'share' },
        start('C1'),
        wait(0.5),
        { do: 'kill', program: 'C1' },
      ],
      events: ['C1 BOUND_ELSEWHERE'],
      licensed: ['B1'],
      meaning: 'a clone of B from before that has the right key and a stale ticket: refused',
    },
    {
      name: 'silence',
      steps: [{ do: 'stop', program: 'B1' }, wait(12), start('A1'), wait(2)],
      events: ['A1 bound'],
      licensed: ['A1'],
      meaning: 'B stands still for longer than its lease of 10 s: A may have the dongle',
    },
    {
      name: 'awakening',
      steps: [{ do: 'continue', program: 'B1' }, { do: 'kill', program: 'B1' }, wait(1)],
      events: ['B1 binding-lost'],
      licensed: ['A1'],
      meaning: 'B goes on, and hears that it has lost the dongle before it can say anything else',
    },
    {
      name: 'handover',
      steps: [{ do: 'handOver', program: 'A1', to: 'B' }, start('B2'), wait(2)],
      events: ['B2 bound'],
      licensed: ['B2'],
      meaning: 'A hands the dongle over to B, which need not wait for a lease',
    },
  ]);
}

/** What happens to a dongle that changes hands too often. */
export function lockout(): Demo {
  const alternate: ScenarioStep = {
    do: 'repeat',
    times: 2,
    steps: [plug('B'), wait(5), plug('A'), wait(5)],
  };
  const demo = demoOf('latchkey demo lockout: one license is not for two machines in turn', [
    {
      name: 'bind',
      steps: [start('A1'), start('B1'), plug('A'), wait(5)],
      events: ['A1 bound'],
      licensed: ['A1'],
      meaning: 'the dongle is bound to machine A',
    },
    {
      name: 'switch',
      steps: [alternate],
      events: ['B1 bound', 'A1 bound', 'A1 LOCKED_OUT'],
      licensed: [],
      meaning: 'a hub gives it to B and to A in turn: the fourth takeover within a minute locks it',
    },
    {
      name: 'unplug',
      steps: [{ do: 'unplug' }, wait(3600), plug('B'), wait(5)],
      events: ['B1 LOCKED_OUT'],
      licensed: [],
      meaning: 'an hour without power does not count: it is still locked',
    },
  ]);
  return {
    ...demo,
    steps: [
      ...demo.steps,
      {
        name: 'wait',
        async run() {
          const simulation = await demo.simulation();
          const { poweredMs, powerCuts } = await simulation.awaitUnlocked();
          if (poweredMs < 300 * second || poweredMs > (301 + powerCuts) * second)
            throw new Error(`the lockout lasted ${poweredMs} ms with power`);
          return `${timeOf(simulation.nowMs)}  the lockout is over, after ${(poweredMs / second).toFixed(1)} s with power`;
        },
      },
      demo.stepOf({
        name: 'again',
        steps: [wait(5)],
        events: [],
        licensed: ['B1'],
        meaning: 'B, where it is plugged in, has it again',
      }),
    ],
  };
}

/** What happens to a dongle that several machines reach at once. */
export function shared(): Demo {
  return demoOf('latchkey demo shared: one dongle is not for two machines at once', [
    {
      name: 'bind',
      steps: [plug('A'), start('A1'), wait(5)],
      events: ['A1 bound'],
      licensed: ['A1'],
      meaning: 'the dongle is bound to machine A',
    },
    {
      name: 'share',
      steps: [{ do: 'share' }, start('B1'), wait(0.5)],
      events: ['B1 BOUND_ELSEWHERE'],
      licensed: ['A1'],
      meaning: 'a box connects B too, without a replug: B is refused, as A is alive',
    },
    {
      name: 'insist',
      steps: [wait(5)],
      events: ['A1 shared'],
      licensed: [],
      meaning: 'B tries again: the dongle is shared, which ends A’s session, too',
    },
    {
      name: 'refuse',
      steps: [wait(60)],
      events: ['A1 SHARED', 'B1 SHARED'],
      licensed: [],
      meaning: 'from now on it refuses both',
    },
    {
      name: 'replug',
      steps: [plug('A'), wait(5)],
      events: ['A1 bound'],
      licensed: ['A1'],
      meaning: 'pulled out, and plugged into A alone: A has it again',
    },
  ]);
}

/** A demo whose parts are played one after the other on one simulation. */
function demoOf(title: string, parts: readonly Part[]) {
  let created: Promise<Simulation> | undefined;
  const simulation = () => {
    created ??= Simulation.create(title);
    return created;
  };
  const stepOf = (part: Part): DemoStep => ({
    name: part.name,
    run: async () => play(await simulation(), part),
  });
  return {
    title: `${title}; times are virtual`,
    steps: parts.map(stepOf),
    clear: async () => (await created)?.end(),
    simulation,
    stepOf,
  };
}

async function play(simulation: Simulation, part: Part): Promise<string> {
  const { account } = simulation;
  const known = account.length;
  await simulation.do(part.steps);
  const heard = account.slice(known).filter(({ program }) => program !== undefined);
  for (const expected of part.events) {
    if (!heard.some((event) => said(event) === expected))
      throw new Error(`${expected} was not heard, but ${heard.map(said).join(', ') || 'nothing'}`);
  }
  const { licensed } = simulation;
  if (licensed.join() !== part.licensed.join())
    throw new Error(`licensed is ${licensed.join(' and ') || 'nobody'}`);
  const events = part.events.map((expected) => {
    const event = heard.find((each) => said(each) === expected) as ScenarioEvent;
    return `${expected} at ${timeOf(event.atMs)}`;
  });
  return events.length === 0 ? part.meaning : `${part.meaning} (${events.join(', ')})`;
}

function said({ program, what }: ScenarioEvent): string {
  return `${program} ${what}`;
}

function timeOf(atMs: number): string {
  const seconds = Math.floor(atMs / second);
  const tenths = Math.floor((atMs % second) / 100);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${tenths}`;
}
