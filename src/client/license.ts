/** A license by its name: each vendor has products of its own, 32 bits both. */
export interface LicenseName {
  readonly vendor: number;
  readonly product: number;
}

/** What a program asks of a license. */
export interface LicenseQuestion extends LicenseName {
  /** Features that must all be there, a bit each (32 bits); none unless given. */
  readonly features?: number;
  /** When this version of the program was released, for a license with a maintenance period. */
  readonly released?: Date;
}

/** What is taken, and how often at most. */
export interface UnitTaking {
  /** Units to take; 1 unless given. */
  readonly units?: number;
  /**
   * 16 random bytes, made for this one taking unless given. Whoever keeps them can repeat the call
   * after a crash, in another session too: the dongle knows the last eight of each license, takes
   * nothing a second time and gives the same answer.
   */
  readonly request?: Uint8Array;
}

/** Something encrypted for a license: AES-256-GCM under its key. */
export interface LicenseSealed {
  /** 12 bytes. */
  readonly iv: Uint8Array;
  /** The ciphertext, and 16 bytes of tag behind it. */
  readonly data: Uint8Array;
  /** Authenticated with the data but not encrypted. */
  readonly ad?: Uint8Array;
}

/** How a valid license stands. */
export interface LicenseStanding {
  /** Undefined where units are not limited. */
  readonly unitsLeft: number | undefined;
  /** The first moment at which it is not valid any more; undefined where that never comes. */
  readonly expiry: Date | undefined;
  /** Days until it must be renewed by an update, once they are few. */
  readonly renewWithinDays: number | undefined;
}

/** A license as a dongle lists it. */
export interface ListedLicense extends LicenseName {
  /** What its vendor is called, where the dongle knows. */
  readonly vendorName: string | undefined;
  readonly text: string | undefined;
  readonly state: 'active' | 'blocked';
  /** 32 bits. */
  readonly features: number;
  readonly unitsLeft: number | undefined;
  readonly activation: Date | undefined;
  readonly expiry: Date | undefined;
  /** Seats; undefined where they are not limited. */
  readonly quantity: number | undefined;
  readonly seatsTaken: number;
  /** Whether it serves programs on the dongle's own machine alone. */
  readonly localOnly: boolean;
  /** Whether it is for one machine alone, if only for the one that uses it first. */
  readonly machineBound: boolean;
}

/** A row of the license table. */
export interface ApplicationSeats {
  readonly application: number;
  /** 0 to 254; undefined for as many as like. */
  readonly seats: number | undefined;
  readonly taken: number;
}

/** Data that lies in a license. */
export interface LicenseData {
  /** The user's own, up to 256 bytes. */
  readonly userData: Uint8Array | undefined;
  /** The vendor's, for everybody to read. */
  readonly protectedData: Uint8Array | undefined;
  /** The vendor's, for who has its access code. */
  readonly hiddenData: Uint8Array | undefined;
}
