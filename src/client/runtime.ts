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
   * Keeps other programs of this machine away from a dongle until the returned function is called.
   * This is advice: the dongle decides.
   *
   * @throws DongleError `IN_USE`, which names the program that has it
   */
  hold(dongle: string): MaybePromise<() => void>;
  /**
   * What this machine shows of others that use the device with this name, such as `/dev/hidraw0`;
   * undefined for one without a name.
   */
  inspect(path: string | undefined): MaybePromise<readonly SharingEvidence[]>;
}

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
    hold: () => () => {},
    inspect: () => [unseenEvidence('A runtime in memory does not look at its machine.')],
  };
}
