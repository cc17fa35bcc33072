import { DongleError } from '../errors.ts';
import type { Operation } from '../protocol/updates/index.ts';
import { type HeldLicenses, licensesAfter } from './held-licenses.ts';

/**
 * Refuses operations that the dongle would refuse: an update that it cannot apply would stand in the
 * way of all later ones.
 *
 * @param before - all that the dongle has had, or will have had by then
 * @throws DongleError `INVALID_ARGUMENT`
 */
export function checkOperations(
  serial: string,
  before: readonly Operation[],
  operations: readonly Operation[],
): void {
  const done = [...before];
  const partitions = partitionsAfter(before);
  for (const operation of operations) {
    const held = licensesAfter(done);
    checkLicense(serial, held, operation);
    checkPartition(serial, partitions, operation);
    done.push(operation);
  }
}

function checkLicense(serial: string, held: HeldLicenses, operation: Operation): void {
  const { withdrawLicense, addUnits, setLicenseState, checkpoint, putLicense } = operation;
  const { product } = withdrawLicense ?? addUnits ?? setLicenseState ?? checkpoint ?? {};
  if (product !== undefined && !held.has(product)) {
    const products = [...held.keys()].sort((a, b) => a - b).join(', ') || 'none';
    throw refusal(
      `Dongle ${serial} has no license ${product} of yours (it has ${products}); put it there first, or mend the plan.`,
    );
  }
  if (addUnits !== undefined && held.get(addUnits.product)?.license.units === undefined) {
    throw refusal(
      `License ${addUnits.product} of dongle ${serial} has unlimited units, so none can be added; mend the plan.`,
    );
  }
  const { maintenance, activation, expiry } = putLicense ?? {};
  if (maintenance !== undefined && maintenance.from > maintenance.until) {
    throw refusal(
      `The maintenance of license ${putLicense?.product} ends before it begins; mend the plan.`,
    );
  }
  if (activation !== undefined && expiry !== undefined && activation >= expiry) {
    throw refusal(`License ${putLicense?.product} expires before it begins; mend the plan.`);
  }
}

function checkPartition(serial: string, partitions: Set<number>, operation: Operation): void {
  const { setPassword, writeMemory, setKey, removePartition } = operation;
  const { application } = setPassword ?? writeMemory ?? setKey ?? removePartition ?? {};
  if (application !== undefined && !partitions.has(application)) {
    throw refusal(
      `Dongle ${serial} has no partition ${application} of yours; make it first with "putPartition", or mend the plan.`,
    );
  }
  track(partitions, operation);
}

function partitionsAfter(operations: readonly Operation[]): Set<number> {
  const partitions = new Set<number>();
  for (const operation of operations) track(partitions, operation);
  return partitions;
}

function track(partitions: Set<number>, { putPartition, removePartition }: Operation): void {
  if (putPartition !== undefined) partitions.add(putPartition.application);
  if (removePartition !== undefined) partitions.delete(removePartition.application);
}

function refusal(message: string): DongleError {
  return new DongleError('INVALID_ARGUMENT', message);
}
