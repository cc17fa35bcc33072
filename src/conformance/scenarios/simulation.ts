import { suite } from '#crypto';
import { hello } from '../../client/connect.ts';
import type { DhKey } from '../../crypto/suite.ts';
import { TornFlash } from '../../emulator/board/torn-flash.ts';
import {
  MemoryFlash,
  manufacture,
  type RandomSource,
  seededRandom,
  VirtualClock,
} from '../../emulator/index.ts';
import { createTrustStore, type TrustStore, testRoot } from '../../protocol/certificates/index.ts';
import { type Disk, type Machine, Program } from './program.ts';
import type {
  Lockout,
  MachineName,
  ProgramName,
  ScenarioEvent,
  ScenarioOutcome,
  ScenarioStep,
} from './scenario.ts';
import { MachineClock } from './standstill.ts';
import { Wiring } from './wiring.ts';
import { type Counts, Witness } from './witness.ts';

const machineNames: readonly MachineName[] = ['A', 'B', 'C'];

/** How exactly the end of a lockout is seen, and how long it is waited for. */
const lookMs = 50;
const patienceMs = 3_600_000;

/** Who a machine is. */
interface Identity {
  readonly name: MachineName;
  readonly id: Uint8Array;
  readonly key: DhKey;
}

/** Machines, programs and a dongle in a hub, in virtual time: the complete system but for the wires. */
export class Simulation {
  readonly #clock: VirtualClock;
  readonly #random: RandomSource;
  readonly #trust: TrustStore;
  readonly #wiring: Wiring;
  readonly #machines: ReadonlyMap<MachineName, Machine>;
  readonly #programs = new Map<ProgramName, Program>();
  readonly #witness: Witness;
  #snapshot: Disk | undefined;
  /** What the meter showed when the dongle began to refuse everybody. */
  #refusal = { poweredMs: 0, cuts: 0 };

  static async create(seed: string): Promise<Simulation> {
    const random = seededRandom(seed);
    const flash = new TornFlash(new MemoryFlash());
    await manufacture(flash, random);
    const identities: Identity[] = [];
    for (const name of machineNames) {
      identities.push({ name, id: random(8), key: await suite.importDhKey(random(32)) });
    }
    const trust = await createTrustStore({ roots: [testRoot], allowTest: true });
    if (!trust.ok) throw new Error(trust.detail);
    return new Simulation(random, flash, trust.value, identities);
  }

  private constructor(
    random: RandomSource,
    flash: TornFlash,
    trust: TrustStore,
    identities: readonly Identity[],
  ) {
    const clock = new VirtualClock();
    this.#clock = clock;
    this.#random = random;
    this.#trust = trust;
    this.#wiring = new Wiring({ clock, random, flash }, machineNames.length, {
      detached: () => this.#witness.attach(),
      arrived: (machine) => this.#arrive(machineNames[machine] as MachineName),
    });
    this.#machines = new Map(
      identities.map(({ name, id, key }, i) => [
        name,
        {
          id,
          clock: new MachineClock(clock),
          disk: { key, tickets: new Map() },
          source: this.#wiring.source(i),
          waiting: new Set(),
        },
      ]),
    );
    this.#witness = new Witness(clock, () => {
      const { poweredMs, cuts } = this.#wiring.meter;
      this.#refusal = { poweredMs, cuts };
    });
  }

  /** Virtual time since the beginning. */
  get nowMs(): number {
    return this.#clock.now();
  }

  /** What happened, in the order in which it did. */
  get account(): readonly ScenarioEvent[] {
    return this.#witness.account;
  }

  get counts(): Counts {
    return this.#witness.counts;
  }

  /** What has become of the dongle. */
  get outcome(): ScenarioOutcome {
    return this.#witness.outcome;
  }

  /** When the dongle began to refuse everybody. */
  get refusedAtMs(): number | undefined {
    return this.#witness.refusedAtMs;
  }

  /** The programs that say that they have the dongle. */
  get licensed(): ProgramName[] {
    return [...this.#programs].flatMap(([name, { licensed }]) => (licensed ? [name] : []));
  }

  /** Does the steps in turn, for as long as `goesOn`. */
  async do(steps: readonly ScenarioStep[], goesOn: () => boolean = () => true): Promise<void> {
    for (const step of steps) {
      if (!goesOn()) return;
      if (step.do === 'repeat') {
        for (let i = 0; i < step.times && goesOn(); i++) await this.do(step.steps, goesOn);
      } else if (step.do === 'wait') {
        await this.#wait(step.ms, goesOn);
      } else {
        this.#witness.note(wordsOf(step));
        await this.#do(step);
        await this.#clock.settle();
      }
      await this.#restorePower();
    }
  }

  /** Waits for the end of a lockout, and tells how long it was. */
  async awaitUnlocked(): Promise<Lockout> {
    const { connected, meter } = this.#wiring;
    if (connected.length === 0) await this.#wiring.plug([0]);
    const source = this.#wiring.source(connected[0] ?? 0);
    for (;;) {
      const { lockedSeconds } = await this.#clock.run(hello(source, { clock: this.#clock }));
      const poweredMs = meter.poweredMs - this.#refusal.poweredMs;
      const powerCuts = meter.cuts - this.#refusal.cuts;
      if (lockedSeconds === undefined) return { poweredMs, powerCuts };
      if (poweredMs > patienceMs) throw new Error('the lockout does not end');
      await this.#clock.advance(lockedSeconds > 2 ? (lockedSeconds - 2) * 1000 : lookMs);
    }
  }

  /** Ends all programs and pulls the dongle out. */
  end(): void {
    for (const program of this.#programs.values()) program.kill();
    this.#wiring.unplug();
  }

  /** Waits, but no longer than until the dongle refuses everybody. */
  async #wait(ms: number, goesOn: () => boolean): Promise<void> {
    const endMs = this.#clock.now() + ms;
    while (this.#clock.now() < endMs && goesOn()) {
      // Without a dongle nothing happens that could end it.
      const atOnceMs = this.#wiring.connected.length === 0 ? Number.POSITIVE_INFINITY : 1000;
      await this.#clock.advance(Math.min(atOnceMs, endMs - this.#clock.now()));
      await this.#restorePower();
    }
  }

  async #do(step: Exclude<ScenarioStep, { do: 'wait' | 'repeat' }>): Promise<void> {
    switch (step.do) {
      case 'plug':
        await this.#wiring.plug([machineNames.indexOf(step.machine)]);
        return;
      case 'unplug':
        this.#wiring.unplug();
        return;
      case 'share':
        this.#wiring.share();
        return;
      case 'cutPower':
        await this.#wiring.cutPower();
        return;
      case 'tearWrite':
        this.#wiring.tearWrite(step.nth);
        return;
      case 'resetBus':
        this.#wiring.resetBus();
        return;
      case 'start':
        this.#start(step.program);
        return;
      case 'quit':
        await this.#clock.run(this.#program(step.program).quit());
        return;
      case 'handOver': {
        const { publicKey } = this.#machine(step.to).disk.key;
        await this.#clock.run(this.#program(step.program).handOver(publicKey));
        return;
      }
      case 'kill':
      case 'stop':
      case 'continue':
        this.#program(step.program)[step.do]();
        return;
      case 'sleep':
        this.#machine(step.machine).clock.sleep();
        return;
      case 'wake':
        this.#machine(step.machine).clock.wake();
        for (const program of this.#programsOf(step.machine)) program.catchUp();
        return;
      case 'setClock':
        this.#machine(step.machine).clock.set(step.byMs);
        return;
      case 'takeSnapshot':
        this.#snapshot = copyOf(this.#machine(step.machine).disk);
        return;
      case 'restoreSnapshot':
        if (this.#snapshot === undefined) throw new Error('there is no snapshot');
        for (const program of this.#programsOf(step.machine)) program.kill();
        this.#machine(step.machine).disk = copyOf(this.#snapshot);
    }
  }

  #start(name: ProgramName): void {
    this.#programs.get(name)?.kill();
    const machine = name[0] as MachineName;
    const program = new Program(this.#machine(machine), {
      clock: this.#clock,
      trust: this.#trust,
      random: this.#random,
      tell: (what) => {
        // What a program that was replaced hears does not count.
        if (this.#programs.get(name) === program) this.#witness.hear(name, what);
      },
    });
    this.#programs.set(name, program);
  }

  /** Gives power back to a dongle that has lost it in the middle of a write. */
  async #restorePower(): Promise<void> {
    if (!this.#wiring.isTorn) return;
    this.#witness.note('its power fails in the middle of a write');
    await this.#wiring.mend();
  }

  /** A machine that has the dongle now tells those who wait for it. */
  #arrive(name: MachineName): void {
    const { waiting } = this.#machine(name);
    for (const callback of waiting) callback();
    waiting.clear();
  }

  #machine(name: MachineName): Machine {
    return this.#machines.get(name) as Machine;
  }

  #program(name: ProgramName): Program {
    const program = this.#programs.get(name);
    if (program === undefined) throw new Error(`${name} has not been started`);
    return program;
  }

  #programsOf(machine: MachineName): Program[] {
    return [...this.#programs].flatMap(([name, program]) => (name[0] === machine ? [program] : []));
  }
}

function copyOf({ key, tickets }: Disk): Disk {
  return { key, tickets: new Map(tickets) };
}

/** A step in the words of an account. */
function wordsOf(step: Exclude<ScenarioStep, { do: 'wait' | 'repeat' }>): string {
  const whom = 'machine' in step ? ` ${step.machine}` : 'program' in step ? ` ${step.program}` : '';
  return `${step.do}${whom}`;
}
