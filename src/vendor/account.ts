import { toHex } from '../bytes.ts';
import type { License } from '../protocol/licenses/index.ts';
import { type Operation, type OperationName, operationSchema } from '../protocol/updates/index.ts';
import { formatDate, writePlanValue } from './plan-values.ts';

/** One line for a person: what an operation does. Secrets are not in it. */
export function describeOperation(operation: Operation): string {
  const [name] = Object.keys(operation) as OperationName[];
  const sentence = name === undefined ? undefined : sentences[name];
  if (name === undefined || sentence === undefined) return 'does something unknown';
  return (sentence as (value: unknown) => string)(operation[name]);
}

/** An operation as a plan would say it, secrets included. */
export function writeOperation(operation: Operation): unknown {
  return writePlanValue(operationSchema, operation);
}

type Value<Name extends OperationName> = NonNullable<Operation[Name]>;

const sentences: { readonly [Name in OperationName]: (value: Value<Name>) => string } = {
  nameVendor: (name) => `names the vendor ${JSON.stringify(name)}`,
  putLicense: (license) => `puts ${describeLicense(license)}`,
  withdrawLicense: ({ product }) => `takes license ${product} away`,
  addUnits: ({ product, units }) => `adds ${count(units, 'unit')} to license ${product}`,
  setLicenseState: ({ product, state }) => `makes license ${product} ${stateWords[state]}`,
  checkpoint: ({ product, until }) =>
    `renews the checkpoint of license ${product} until ${formatDate(until)}`,
  setSeats: ({ application, seats }) =>
    seats === undefined
      ? `lifts the limit of seats of application ${application}`
      : `gives application ${application} ${seats === 255 ? 'unlimited seats' : count(seats, 'seat')}`,
  putPartition: ({ application, sizes }) =>
    `makes partition ${application} with ${sizes.join(', ')} bytes`,
  removePartition: ({ application }) => `removes partition ${application} with all that is in it`,
  setPassword: ({ application, role }) =>
    `sets the ${role} password of partition ${application} anew`,
  writeMemory: ({ application, area, offset, data }) =>
    `writes ${count(data.length, 'byte')} to ${area.toUpperCase()} of partition ${application} at ${offset}`,
  setKey: ({ application, key, material }) =>
    `sets key 0x${toHex(Uint8Array.of(key >> 8, key))} (${material.type}) of partition ${application}`,
  removeKey: ({ key }) => `removes key 0x${toHex(Uint8Array.of(key >> 8, key))}`,
  setBlocked: (blocked) => (blocked ? 'blocks the dongle' : 'lifts the block of the dongle'),
};

const stateWords = { active: 'valid', blocked: 'blocked', decoy: 'a decoy' } as const;

/** A license in one line. */
function describeLicense(license: License): string {
  const { product, text, features, units, activation, expiry, usagePeriod, quantity } = license;
  const rights = [
    units === undefined ? undefined : count(units, 'unit'),
    features === undefined ? undefined : `features 0x${features.toString(16)}`,
    activation === undefined ? undefined : `from ${formatDate(activation)}`,
    expiry === undefined ? undefined : `until ${formatDate(expiry)}`,
    usagePeriod === undefined ? undefined : `${usagePeriod / 86_400} days from its first use`,
    quantity === undefined ? undefined : count(quantity, 'seat'),
    license.machine === undefined ? undefined : 'for one machine',
    license.localOnly ? 'local only' : undefined,
  ].filter((right) => right !== undefined);
  const name =
    text === undefined ? `license ${product}` : `license ${product} ${JSON.stringify(text)}`;
  return `${name}: ${rights.join(', ') || 'no limits'}`;
}

function count(value: number, unit: string): string {
  return `${value} ${unit}${value === 1 ? '' : 's'}`;
}
