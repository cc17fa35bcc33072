import { field, type Infer, type Schema, struct, uint } from '../../../protocol/schema/index.ts';

/** Verdicts and answers tell these, in 32 bits. */
const milliseconds: Schema<number> = { kind: 'integer', min: 1, max: 0xffff_ffff };

/** As many as the store keeps; without one there is nothing to count. */
const count: Schema<number> = { kind: 'integer', min: 1, max: 64 };

/** So many events within so long. */
const limit = struct({ count: field(1, count), withinMs: field(2, uint({ max: 0xffff_ffff })) });

export type Limit = Infer<typeof limit>;

/** Thresholds of the three contracts, set at manufacture. Times are powered time. */
export const rulesSchema = struct({
  /** How long a silent owner keeps the binding. */
  leaseMs: field(1, milliseconds),
  /** How long the runtime that the owner has named may take over. */
  handoverMs: field(2, milliseconds),
  /** Takeovers that lock the dongle, but for those after END. */
  takeovers: field(3, limit),
  /** Takeovers that lock the dongle, those after END too; within no less time than `takeovers`. */
  allTakeovers: field(4, limit),
  /** Attaches of one lineage that lock the dongle, by powered time and the runtime's clock. */
  attaches: field(5, limit),
  lockoutMs: field(6, milliseconds),
  /** Handshakes by other machines, while the owner is alive, that mean that the dongle is shared. */
  strangers: field(7, limit),
  /** How long a shared dongle refuses everybody, unless it loses power before. */
  sharedMs: field(8, milliseconds),
});

export type Rules = Infer<typeof rulesSchema>;

export const defaultRules: Rules = {
  leaseMs: 10_000,
  handoverMs: 30_000,
  takeovers: { count: 4, withinMs: 60_000 },
  allTakeovers: { count: 12, withinMs: 3_600_000 },
  attaches: { count: 10, withinMs: 60_000 },
  lockoutMs: 300_000,
  strangers: { count: 3, withinMs: 60_000 },
  sharedMs: 300_000,
};
