import type { Clock } from '../../clock.ts';
import type { MachineName, ProgramName, ScenarioEvent, ScenarioOutcome } from './scenario.ts';

/** What a simulation has counted. */
export interface Counts {
  /** Attaches in which somebody was bound. */
  attaches: number;
  bindings: number;
  /** Bindings of another machine than before. */
  takeovers: number;
}

/** Hears what programs are told, and makes up what has become of the dongle. */
export class Witness {
  /** What happened, in the order in which it did. */
  readonly account: ScenarioEvent[] = [];
  readonly counts: Counts = { attaches: 0, bindings: 0, takeovers: 0 };
  readonly #clock: Clock;
  readonly #refusing: () => void;
  #refused: { readonly outcome: ScenarioOutcome; readonly atMs: number } | undefined;
  #attachCounted = false;
  #owner: MachineName | undefined;

  /** @param refusing - called when the dongle begins to refuse everybody */
  constructor(clock: Clock, refusing: () => void) {
    this.#clock = clock;
    this.#refusing = refusing;
  }

  /** What has become of the dongle. */
  get outcome(): ScenarioOutcome {
    return this.#refused?.outcome ?? 'open';
  }

  /** When the dongle began to refuse everybody. */
  get refusedAtMs(): number | undefined {
    return this.#refused?.atMs;
  }

  /** Something is done to the dongle or to a machine. */
  note(what: string): void {
    this.#write(undefined, what);
  }

  /** The dongle is attached anew. */
  attach(): void {
    this.#attachCounted = false;
  }

  /** A program hears an event of its dongle, or a code that connecting fails with. */
  hear(program: ProgramName, what: string): void {
    this.#write(program, what);
    if (what === 'bound') this.#countBinding(program[0] as MachineName);
    if (what === 'LOCKED_OUT' || what === 'locked-out') this.#refuse('lockedOut');
    if (what === 'SHARED' || what === 'shared') this.#refuse('shared');
  }

  #countBinding(machine: MachineName): void {
    this.counts.bindings++;
    if (this.#owner !== undefined && this.#owner !== machine) this.counts.takeovers++;
    this.#owner = machine;
    if (!this.#attachCounted) this.counts.attaches++;
    this.#attachCounted = true;
  }

  #refuse(outcome: ScenarioOutcome): void {
    if (this.#refused !== undefined) return;
    this.#refused = { outcome, atMs: this.#clock.now() };
    this.#refusing();
  }

  #write(program: ProgramName | undefined, what: string): void {
    this.account.push({ atMs: this.#clock.now(), program, what });
  }
}
