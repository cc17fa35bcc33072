import { array, bytes, enumeration, uint } from './schema/index.ts';

/** A partition of the memory is named by the application that it is for. */
export const applicationSchema = uint({ max: 0xffff });

/** Partitions up to this number are the system's; 5 is the license table, whose rows updates alone write. */
export const lastSystemApplication = 10;

/** The areas of a partition, RAM1 first. */
export const areas = ['ram1', 'ram2', 'ram3'] as const;

export type Area = (typeof areas)[number];

/** Who may do what in each area. */
export const areaRules = {
  ram1: { read: 'user', write: 'user' },
  ram2: { read: 'user', write: 'administrator' },
  ram3: { read: 'administrator', write: 'administrator' },
} as const satisfies Record<Area, { readonly read: LoginRole; readonly write: LoginRole }>;

/** RAM1, RAM2 and RAM3. */
export const areaSchema = enumeration({ ram1: 1, ram2: 2, ram3: 3 });

/** Sizes of RAM1, RAM2 and RAM3 in bytes, whole blocks each. */
export const areaSizesSchema = array(uint({ max: 65_536 }), { min: 3, max: 3 });

/** What memory is given out in, in bytes. */
export const blockBytes = 512;

/** Passwords have 16 bytes. */
export const passwordSchema = bytes({ length: 16 });

export const roleSchema = enumeration({ user: 1, administrator: 2 });

export type LoginRole = 'user' | 'administrator';

/** Wrong tries of a password in a row that lock it. */
export const passwordTries = 10;
