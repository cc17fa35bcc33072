import type { Operation, OperationName } from '../../../protocol/updates/index.ts';
import type { RandomSource } from '../../board/random.ts';
import type { RsaEngine } from '../../board/rsa-engine.ts';
import { done, type Reply, refused } from '../handler.ts';
import { checkImport, privateKeyOwner, putPrivateKey, removePrivateKey } from '../keys/index.ts';
import {
  addUnits,
  putLicense,
  renewCheckpoint,
  setLicenseState,
  setSeats,
  withdrawLicense,
} from '../licenses/index.ts';
import type { Manufacture } from '../manufacture-block.ts';
import {
  findPartition,
  putPartition,
  removePartition,
  resetPassword,
  writeArea,
} from '../memory/index.ts';
import type { Draft } from '../store/draft.ts';
import { storeKeys } from '../store-keys.ts';
import { forgetWithdrawn, noteWithdrawn } from './withdrawn.ts';

/** What the operations of an update work on. */
export interface Workplace {
  readonly draft: Draft;
  readonly manufacture: Manufacture;
  readonly random: RandomSource;
  readonly vendor: number;
  /** What the vendor is called, once that is said. */
  name: string | undefined;
}

type Argument<Name extends OperationName> = NonNullable<Operation[Name]>;

/** What each operation does to the store. It speaks of the update's vendor alone. */
const effects: {
  readonly [Name in OperationName]-?: (
    place: Workplace,
    argument: Argument<Name>,
  ) => Reply<unknown>;
} = {
  nameVendor(place, name) {
    place.name = name;
    return done(undefined);
  },
  putLicense({ draft, manufacture, vendor }, license) {
    forgetWithdrawn(draft, vendor, license.product);
    return putLicense(draft, manufacture, vendor, license);
  },
  withdrawLicense({ draft, vendor }, { product }) {
    const report = withdrawLicense(draft, vendor, product);
    if (report.ok) noteWithdrawn(draft, report.value);
    return report;
  },
  addUnits: ({ draft, vendor }, request) => addUnits(draft, vendor, request),
  setLicenseState: ({ draft, vendor }, request) => setLicenseState(draft, vendor, request),
  checkpoint: ({ draft, vendor }, request) => renewCheckpoint(draft, vendor, request),
  setSeats(place, { application, seats }) {
    const { draft, manufacture, vendor } = place;
    // The table is the dongle's vendor's; another has the rows of its own partitions.
    if (vendor !== manufacture.vendor && !ownsPartition(place, application)) {
      return refused('PARTITION_NOT_FOUND');
    }
    return setSeats(draft, application, seats);
  },
  putPartition: ({ draft, manufacture, random, vendor }, plan) =>
    putPartition(draft, manufacture, random, vendor, plan),
  removePartition: ({ draft, vendor }, { application }) =>
    removePartition(draft, vendor, application),
  setPassword: ({ draft, random, vendor }, reset) => resetPassword(draft, random, vendor, reset),
  writeMemory: ({ draft, vendor }, write) => writeArea(draft, vendor, write),
  setKey(place, { application, key, material }) {
    if (!ownsPartition(place, application)) return refused('PARTITION_NOT_FOUND');
    return putPrivateKey(place.draft, place.manufacture, application, key, material);
  },
  removeKey(place, { key }) {
    const owner = privateKeyOwner(place.draft, key);
    if (owner === undefined || !ownsPartition(place, owner)) return refused('KEY_NOT_FOUND');
    return removePrivateKey(place.draft, key);
  },
  setBlocked({ draft, manufacture, vendor }, blocked) {
    if (vendor !== manufacture.vendor) return refused('INVALID_ARGUMENT');
    if (blocked) draft.put(storeKeys.blocked, Uint8Array.of(1));
    else draft.remove(storeKeys.blocked);
    return done(undefined);
  },
};

const names = Object.keys(effects) as OperationName[];

/** The one thing that an operation says; undefined where it says none or several. */
function saidBy(operation: Operation): OperationName | undefined {
  const said = names.filter((name) => operation[name] !== undefined);
  return said.length === 1 ? said[0] : undefined;
}

/** Whether an operation says one thing. */
export function isWellFormed(operation: Operation): boolean {
  return saidBy(operation) !== undefined;
}

/** Whether a key that an operation brings is strong. */
export async function hasStrongKey(engine: RsaEngine, { setKey }: Operation): Promise<boolean> {
  return setKey === undefined || (await checkImport(engine, setKey.material));
}

/** Does what an operation says, in the draft. */
export function perform(place: Workplace, operation: Operation): Reply<unknown> {
  const name = saidBy(operation) as OperationName;
  const effect = effects[name] as (place: Workplace, argument: unknown) => Reply<unknown>;
  return effect(place, operation[name]);
}

function ownsPartition({ draft, vendor }: Workplace, application: number): boolean {
  return findPartition(draft, application)?.vendor === vendor;
}
