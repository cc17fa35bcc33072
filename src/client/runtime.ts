import { suite } from '#crypto';
import type { DhKey, MaybePromise } from '../crypto/suite.ts';
import { type SharingEvidence, unseenEvidence } from './sharing.ts';

/**
 * Who this host is to dongles: a dongle is bound to one runtime, which proves with its key and the
 * ticket of its last binding that it is still the same.
 */
export interface Runtime {
  /** Its static key. */
  readonly key: DhKey;
  /** 16 random bytes, new at each start of the service. */
  readonly instance: Uint8Array;
  /** Up to three hashed ids of the machine, 8 bytes each; none where it is not known. */
  readonly machine: readonly Uint8Array[];
  /**
   * The ticket of the last binding with this dongle, which is named by its serial and a hash of the
   * key that it has proved to have: at most 49 printable ASCII characters.
   */
  ticket(dongle: string): MaybePromise<Uint8Array | undefined>;
  /** Keeps a ticket in place of the one before. Nothing is asked of the dongle until it is kept. */
  keepTicket(dongle: string, ticket: Uint8Array): MaybePromise<void>;
  /**
   * Makes the programs of this machine use a dongle together: they come to it one after the other,
   * and those of this runtime invite each other. This is advice: the dongle decides.
   *
   * @throws DongleError `IN_USE`, which names the program of another runtime that has it
   */
  hold(dongle: string, visitor: Visitor): MaybePromise<Hold>;
  /**
   * What this machine shows of others that use the device with this name, such as `/dev/hidraw0`;
   * undefined for one without a name.
   */
  inspect(path: string | undefined): MaybePromise<readonly SharingEvidence[]>;
}

/** What opens one more session of a binding that a runtime has: see the command `invite`. */
export interface Invitation {
  /** The start of the runtime that has the binding. */
  readonly instance: Uint8Array;
  readonly invitation: Uint8Array;
}

/** A program that comes to a dongle, as the other programs of its machine see it. */
export interface Visitor {
  /** Ends the waiting for others. */
  readonly signal: AbortSignal;
  /** Resolves when the dongle has decided about this visitor. Only then comes the next. */
  readonly decided: Promise<unknown>;
  /**
   * An invitation for another program of this runtime; undefined while no session of this one
   * answers. It is worth nothing when that session ends before `decided`.
   */
  invite(signal: AbortSignal, decided: Promise<unknown>): Promise<Invitation | undefined>;
}

/** That a dongle is in use by this program. */
export interface Hold {
  /** From another program of this runtime, which has the dongle already. */
  readonly invitation: Invitation | undefined;
  /** The dongle is not used any more. */
  release(): void;
}

/** The hold of a program that sees no others. */
export const soleHold: Hold = { invitation: undefined, release() {} };

/** What a runtime in memory is made of. */
export interface RuntimeParts {
  /** A fresh one unless given. */
  readonly key?: DhKey | undefined;
  readonly machine?: readonly Uint8Array[] | undefined;
  /** The system's randomness unless given. */
  readonly random?: ((count: number) => Uint8Array) | undefined;
}

/** A runtime that lives as long as this process or page, and is another one in the next. */
export async function createRuntime(parts: RuntimeParts = {}): Promise<Runtime> {
  const { random = suite.randomBytes } = parts;
  const tickets = new Map<string, Uint8Array>();
  return {
    key: parts.key ?? (await suite.importDhKey(random(32))),
    instance: random(16),
    machine: parts.machine ?? [],
    ticket: (dongle) => tickets.get(dongle),
    keepTicket(dongle, ticket) {
      tickets.set(dongle, ticket);
    },
    hold: () => soleHold,
    inspect: () => [unseenEvidence('A runtime in memory does not look at its machine.')],
  };
}
