import { utf8 } from '../bytes.ts';
import { DongleError, errorTable } from '../errors.ts';
import { encode } from '../protocol/schema/index.ts';
import { operationSchema } from '../protocol/updates/index.ts';
import type { RandomSource } from './board/random.ts';
import { type PartitionPlan, putPartition } from './firmware/memory/index.ts';
import { Draft } from './firmware/store/draft.ts';
import type { Change } from './firmware/store/store.ts';
import type { Model } from './models.ts';

/** The passwords of the partition that every emulated dongle has. They are public: TEST alone. */
export const demoPasswords: { readonly user: Uint8Array; readonly administrator: Uint8Array } = {
  user: utf8('TEST user passwd'),
  administrator: utf8('TEST admin passw'),
};

/** The application of that partition. */
export const demoApplication = 100;

/** What a dongle has unless it is made with other partitions: one, with a quarter of its memory. */
export function demoPartitions({ memoryBytes }: Model): PartitionPlan[] {
  return [
    {
      application: demoApplication,
      sizes: [memoryBytes / 4, 0, 0],
      userPassword: demoPasswords.user,
      administratorPassword: demoPasswords.administrator,
    },
  ];
}

/**
 * What an empty store gets so that it has these partitions, all made by that vendor.
 *
 * @throws DongleError `INVALID_ARGUMENT` or `NO_SPACE`
 */
export function firstPartitions(
  model: Model,
  partitions: readonly PartitionPlan[],
  vendor: number,
  random: RandomSource,
): readonly Change[] {
  const draft = new Draft({ get: () => undefined, count: () => 0 });
  for (const plan of partitions) {
    checkPlan(plan);
    const put = putPartition(draft, model, random, vendor, plan);
    if (put.ok) continue;
    throw new DongleError(
      put.code,
      `The partition ${plan.application} cannot be made. ${errorTable[put.code].meaning}`,
    );
  }
  return draft.changes;
}

/** Refuses what could not be said in an update either. */
function checkPlan(plan: PartitionPlan): void {
  try {
    encode(operationSchema, { putPartition: plan });
  } catch (cause) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      'A partition has an application from 11 to 65535, three sizes in blocks of 512 bytes, and two passwords of 16 bytes; give another one.',
      { cause },
    );
  }
}
