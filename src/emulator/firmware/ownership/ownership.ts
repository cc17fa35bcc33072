/** What a runtime says of itself when it wants the dongle. */
export interface Claim {
  /** Hash of its static key, which the handshake has proved. */
  readonly key: Uint8Array;
  /** Random at each start of the service. */
  readonly instance: Uint8Array;
  /** Hashed ids of its machine; none where that is unknown. */
  readonly machine: readonly Uint8Array[];
  /** Hash of the ticket of its last binding. */
  readonly ticket: Uint8Array | undefined;
  /** Its own clock, in milliseconds since 1970. */
  readonly wallMs: number;
}

/** Whom the dongle is bound to. A new binding is a new one of these. */
export interface Binding {
  /** Grows with every binding. */
  readonly epoch: number;
  readonly key: Uint8Array;
  readonly instance: Uint8Array;
  readonly machine: readonly Uint8Array[];
  /** Hash of the ticket that this binding has handed out. */
  readonly ticket: Uint8Array;
  /** Hash of the one before, which is as good until the runtime has confirmed the new one. */
  readonly previousTicket: Uint8Array | undefined;
}

export interface Takeover {
  readonly atMs: number;
  /** The owner had given the binding up. */
  readonly afterEnd: boolean;
}

export interface Attach {
  readonly atMs: number;
  /** By the runtime's clock. */
  readonly wallMs: number;
}

/** What the owner allows: the named runtime may take over until then. */
export interface Handover {
  readonly epoch: number;
  readonly key: Uint8Array;
  readonly untilMs: number;
}

/** What survives a loss of power. Each member is one entry of the store. */
export interface Durable {
  readonly binding: Binding | undefined;
  /** Epoch of the last binding whose ticket the runtime has shown to have. */
  readonly confirmedEpoch: number;
  /** Epoch of the last binding that was given up by END. */
  readonly endedEpoch: number;
  readonly handover: Handover | undefined;
  readonly takeovers: readonly Takeover[];
  readonly attaches: readonly Attach[];
  readonly lockedUntilMs: number;
}

/** What a loss of power ends. */
export interface Passing {
  readonly leaseUntilMs: number;
  /** Whether this attach is among `attaches` already. */
  readonly attachCounted: boolean;
  /** Refused handshakes since the binding. */
  readonly knocks: number;
  /** When other machines have tried while the owner was alive. */
  readonly strangers: readonly number[];
  readonly sharedUntilMs: number;
}

/** Who has the dongle. All times are powered time in milliseconds. */
export interface Ownership extends Durable, Passing {}

/** A new dongle. */
export const unowned: Durable = {
  binding: undefined,
  confirmedEpoch: 0,
  endedEpoch: 0,
  handover: undefined,
  takeovers: [],
  attaches: [],
  lockedUntilMs: 0,
};

/** What a dongle knows right after it got power. */
export const powerUp: Passing = {
  leaseUntilMs: 0,
  attachCounted: false,
  knocks: 0,
  strangers: [],
  sharedUntilMs: 0,
};
