import { keyMaterialSchema, keyNumberSchema } from '../keys.ts';
import { licenseSchema, productSchema, timeSchema, unitsSchema } from '../licenses/index.ts';
import {
  applicationSchema,
  areaSchema,
  areaSizesSchema,
  passwordSchema,
  roleSchema,
} from '../partitions.ts';
import {
  bool,
  bytes,
  enumeration,
  field,
  type Infer,
  optional,
  struct,
  text,
  uint,
} from '../schema/index.ts';

/** Seats of an application: 0 to 254, and 255 for as many as like. */
export const seatsSchema = uint({ max: 255 });

/** What a license is: in force, refused, or a lure that reports its use. */
export const licenseStateSchema = enumeration({ active: 1, blocked: 2, decoy: 3 });

/** One thing that an update does: exactly one of these. All speak of the update's vendor. */
export const operationSchema = struct({
  /** What the vendor is called. */
  nameVendor: optional(1, text({ maxBytes: 64 })),
  /** Adds a license, or changes the one of that product; its used units stay. */
  putLicense: optional(2, licenseSchema),
  /** Takes a license away; the receipt tells what was left of it. */
  withdrawLicense: optional(3, struct({ product: field(1, productSchema) })),
  addUnits: optional(4, struct({ product: field(1, productSchema), units: field(2, unitsSchema) })),
  setLicenseState: optional(
    5,
    struct({ product: field(1, productSchema), state: field(2, licenseStateSchema) }),
  ),
  /** Renews the checkpoint of a license. */
  checkpoint: optional(
    6,
    struct({
      product: field(1, productSchema),
      until: field(2, timeSchema),
      thresholdDays: field(3, uint({ max: 0xffff })),
    }),
  ),
  /** A row of the license table; without `seats` it is taken out. */
  setSeats: optional(
    7,
    struct({ application: field(1, applicationSchema), seats: optional(2, seatsSchema) }),
  ),
  /** Makes a partition, or gives it other sizes; what lies beyond them is gone. */
  putPartition: optional(
    8,
    struct({
      application: field(1, applicationSchema),
      sizes: field(2, areaSizesSchema),
      userPassword: field(3, passwordSchema),
      administratorPassword: field(4, passwordSchema),
    }),
  ),
  /** Removes a partition, its memory and its keys. */
  removePartition: optional(9, struct({ application: field(1, applicationSchema) })),
  /** Sets a password anew, and unlocks it. */
  setPassword: optional(
    10,
    struct({
      application: field(1, applicationSchema),
      role: field(2, roleSchema),
      password: field(3, passwordSchema),
    }),
  ),
  writeMemory: optional(
    11,
    struct({
      application: field(1, applicationSchema),
      area: field(2, areaSchema),
      offset: field(3, uint({ max: 65_535 })),
      data: field(4, bytes({ max: 4_096 })),
    }),
  ),
  /** Sets a private key of a partition. */
  setKey: optional(
    12,
    struct({
      application: field(1, applicationSchema),
      key: field(2, keyNumberSchema),
      material: field(3, keyMaterialSchema),
    }),
  ),
  removeKey: optional(13, struct({ key: field(1, keyNumberSchema) })),
  /** Blocks a lost dongle, or lifts the block. By the vendor of the dongle alone. */
  setBlocked: optional(14, bool()),
});

export type Operation = Infer<typeof operationSchema>;

export type OperationName = keyof Operation;
