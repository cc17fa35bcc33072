import { vendorSchema } from '../certificates/index.ts';
import {
  array,
  bool,
  bytes,
  field,
  type Infer,
  optional,
  struct,
  text,
  uint,
} from '../schema/index.ts';

/** Products of one vendor. */
export const productSchema = uint({ max: 0xffff_ffff });

/** Seconds since 1970-01-01 00:00 UTC. */
export const timeSchema = uint({ max: 0xff_ffff_ffff });

/** Units of a counter. */
export const unitsSchema = uint({ max: 2 ** 48 - 1 });

/** The keyed hash of one of a machine's ids, as a runtime names it in its claim. */
export const machineSchema = bytes({ length: 8 });

/**
 * What a vendor lets one product do, as an update puts it on a dongle. A right that is not named is
 * not limited; features that are not named are none.
 */
export const licenseSchema = struct({
  product: field(1, productSchema),
  /** For people. */
  text: optional(2, text({ maxBytes: 128 })),
  /** 32 features, a bit each. */
  features: optional(3, uint({ max: 0xffff_ffff })),
  /** How many units there are in all, used ones included; unlimited unless given. */
  units: optional(4, unitsSchema),
  /** Not valid before. */
  activation: optional(5, timeSchema),
  /** Not valid from then on. */
  expiry: optional(6, timeSchema),
  /** Seconds from the first use on. */
  usagePeriod: optional(7, uint({ max: 0xffff_ffff })),
  /** Versions that were released in this time are covered. */
  maintenance: optional(8, struct({ from: field(1, timeSchema), until: field(2, timeSchema) })),
  /** Seats: how many sessions may hold it at once. */
  quantity: optional(9, uint({ max: 0xffff })),
  /** Whether only programs of the machine that the dongle is plugged into may use it. */
  localOnly: optional(10, bool()),
  /** The machine that may use it; where the list is empty, the one that uses it first. */
  machine: optional(11, array(machineSchema, { max: 3 })),
  /** It must be renewed by an update: valid until then, and reminded of so many days before. */
  checkpoint: optional(
    12,
    struct({ until: field(1, timeSchema), thresholdDays: field(2, uint({ max: 0xffff })) }),
  ),
  /** Anybody may read it, the vendor alone write. */
  protectedData: optional(13, bytes({ max: 128 })),
  /** To be read with its access code alone. */
  hidden: optional(
    14,
    struct({ code: field(1, bytes({ length: 16 })), data: field(2, bytes({ max: 128 })) }),
  ),
  /** Never to be read: the key of the license's encryption is derived from it. */
  secret: optional(15, bytes({ min: 16, max: 32 })),
});

export type License = Infer<typeof licenseSchema>;

/** A license by its name. */
export const licenseName = { vendor: field(1, vendorSchema), product: field(2, productSchema) };
