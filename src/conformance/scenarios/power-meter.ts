import type { Clock } from '../../clock.ts';

/** Counts the time for which a dongle has power, as nobody but the dongle should have to. */
export class PowerMeter {
  readonly #clock: Clock;
  /** Powered time until `#sinceMs`, since when the dongle has power now. */
  #beforeMs = 0;
  #sinceMs: number | undefined;
  /** When power went by itself, which is seen later. */
  #lostMs: number | undefined;
  #cuts = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the dongle has power, as far as is known. */
  get on(): boolean {
    return this.#sinceMs !== undefined;
  }

  /** How often power has gone. */
  get cuts(): number {
    return this.#cuts;
  }

  get poweredMs(): number {
    if (this.#sinceMs === undefined) return this.#beforeMs;
    return this.#beforeMs + (this.#lostMs ?? this.#clock.now()) - this.#sinceMs;
  }

  begin(): void {
    this.#sinceMs = this.#clock.now();
  }

  /** Power goes at this moment, and `end` is called when that is seen. */
  lose(): void {
    this.#lostMs ??= this.#clock.now();
  }

  end(): void {
    this.#beforeMs = this.poweredMs;
    this.#sinceMs = undefined;
    this.#lostMs = undefined;
    this.#cuts++;
  }
}
