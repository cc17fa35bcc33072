/** A machine of a scenario. */
export type MachineName = 'A' | 'B' | 'C';

/** A program: that many of a machine, which share its runtime's key and tickets. */
export type ProgramName = `${MachineName}${1 | 2 | 3 | 4}`;

/**
 * Something that people, programs or machines do. A program that has been started connects as soon
 * as it can, and tries again each second when it does not get it, unless it has been superseded.
 */
export type ScenarioStep =
  /** The dongle is pulled out, and plugged into this machine. */
  | { readonly do: 'plug'; readonly machine: MachineName }
  | { readonly do: 'unplug' }
  /** All machines are wrongly connected at once, without a replug. */
  | { readonly do: 'share' }
  /** Its power fails for a moment. */
  | { readonly do: 'cutPower' }
  /** Its power fails in the middle of the write or erase of its flash that is the `nth` from now. */
  | { readonly do: 'tearWrite'; readonly nth: number }
  | { readonly do: 'resetBus' }
  | { readonly do: 'start'; readonly program: ProgramName }
  /** The program ends its session and itself. */
  | { readonly do: 'quit'; readonly program: ProgramName }
  /** The program is no more, without a word (SIGKILL). */
  | { readonly do: 'kill'; readonly program: ProgramName }
  /** The program stands still (SIGSTOP). */
  | { readonly do: 'stop'; readonly program: ProgramName }
  | { readonly do: 'continue'; readonly program: ProgramName }
  /** The program hands the dongle over to a machine, and ends. */
  | { readonly do: 'handOver'; readonly program: ProgramName; readonly to: MachineName }
  /** The machine sleeps: its monotonic clock stands still, too. */
  | { readonly do: 'sleep'; readonly machine: MachineName }
  | { readonly do: 'wake'; readonly machine: MachineName }
  | { readonly do: 'setClock'; readonly machine: MachineName; readonly byMs: number }
  /** A copy of the machine's disk is made. */
  | { readonly do: 'takeSnapshot'; readonly machine: MachineName }
  /** A machine gets the disk of the last snapshot; its programs are killed. */
  | { readonly do: 'restoreSnapshot'; readonly machine: MachineName }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'repeat'; readonly times: number; readonly steps: readonly ScenarioStep[] };

/** What becomes of a dongle: everybody who asks may have it in turn, or it refuses everybody. */
export type ScenarioOutcome = 'open' | 'lockedOut' | 'shared';

/** What happens to a dongle, as data. */
export interface Scenario {
  readonly name: string;
  readonly steps: readonly ScenarioStep[];
  /** What becomes of the dongle. A scenario ends when it refuses everybody. */
  readonly outcome: ScenarioOutcome;
  /** Who is licensed in the end. */
  readonly licensed?: readonly ProgramName[];
  /** What happens during the lockout, whose length is measured then. */
  readonly meanwhile?: readonly ScenarioStep[];
}

/** What was seen. Times are milliseconds of virtual time since the beginning. */
export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly passed: boolean;
  /** Why it has not passed. */
  readonly failures: readonly string[];
  readonly outcome: ScenarioOutcome;
  /** When the dongle began to refuse everybody. */
  readonly refusedAtMs: number | undefined;
  readonly lastedMs: number;
  /** Attaches in which somebody was bound. */
  readonly attaches: number;
  readonly bindings: number;
  /** Bindings of another machine than before. */
  readonly takeovers: number;
  readonly lockout: Lockout | undefined;
  /** What happened, in the order in which it did. */
  readonly account: readonly ScenarioEvent[];
}

/** How long a lockout was. */
export interface Lockout {
  /** Time with power, from its beginning until the dongle does not speak of it any more. */
  readonly poweredMs: number;
  /** How often the power was cut meanwhile. */
  readonly powerCuts: number;
}

/** One line of the account. */
export interface ScenarioEvent {
  readonly atMs: number;
  /** A program; undefined for what is done to the dongle and the machines. */
  readonly program: ProgramName | undefined;
  /** A step that is done, what a dongle object tells, or the code that a call fails with. */
  readonly what: string;
}
