import { describe, expect, test } from 'vitest';
import { DongleError } from '../../src/errors.ts';
import { encode } from '../../src/protocol/schema/index.ts';
import { operationSchema } from '../../src/protocol/updates/index.ts';
import { writeOperation } from '../../src/vendor/account.ts';
import { parsePlan } from '../../src/vendor/plan.ts';

const secret = new Uint8Array(32).fill(7);
const sources = {
  randomBytes: (count: number) => new Uint8Array(count).fill(0xee),
  secretOf: (product: number) => (product === 100 ? secret : undefined),
};

const read = (...operations: unknown[]) => parsePlan(JSON.stringify({ operations }), sources);

const license = {
  product: 200,
  text: 'Acme CAD',
  features: [0, 3, 31],
  units: 3,
  activation: '2026-01-01',
  expiry: '2027-12-31T18:30:05Z',
  usagePeriod: '30d',
  maintenance: { from: '2026-01-01', until: '2027-01-01' },
  quantity: 2,
  localOnly: true,
  machine: ['hex:0011223344556677'],
  checkpoint: { until: '2026-06-01', thresholdDays: 14 },
  protectedData: 'base64:aGVsbG8=',
  hidden: { code: 'random:16', data: 'hex:' },
  secret: 'hex:000102030405060708090a0b0c0d0e0f',
};

test('reads each kind of value as an update has it', () => {
  const { operations } = read({ putLicense: license });
  expect(operations).toEqual([
    {
      putLicense: {
        product: 200,
        text: 'Acme CAD',
        features: 0x8000_0009,
        units: 3,
        activation: 1_767_225_600,
        expiry: 1_830_277_805,
        usagePeriod: 2_592_000,
        maintenance: { from: 1_767_225_600, until: 1_798_761_600 },
        quantity: 2,
        localOnly: true,
        machine: [Uint8Array.of(0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77)],
        checkpoint: { until: 1_780_272_000, thresholdDays: 14 },
        protectedData: new TextEncoder().encode('hello'),
        hidden: { code: new Uint8Array(16).fill(0xee), data: new Uint8Array(0) },
        secret: Uint8Array.from({ length: 16 }, (_, i) => i),
      },
    },
  ]);
});

const password = 'random:16';
const everything = [
  { nameVendor: 'Acme' },
  { putLicense: license },
  { withdrawLicense: { product: 1 } },
  { addUnits: { product: 1, units: 10 } },
  { setLicenseState: { product: 1, state: 'decoy' } },
  { checkpoint: { product: 1, until: '2026-06-01', thresholdDays: 7 } },
  { setSeats: { application: 20, seats: 4 } },
  { setSeats: { application: 20 } },
  {
    putPartition: {
      application: 20,
      sizes: [512, 512, 0],
      userPassword: password,
      administratorPassword: password,
    },
  },
  { removePartition: { application: 20 } },
  { setPassword: { application: 20, role: 'administrator', password } },
  { writeMemory: { application: 20, area: 'ram2', offset: 16, data: 'hex:00ff' } },
  { setKey: { application: 20, key: 256, material: { type: 'aes256', key: 'random:32' } } },
  { removeKey: { key: 256 } },
  { setBlocked: true },
];

test('knows every operation that an update can hold', () => {
  const said = new Set(everything.flatMap((each) => Object.keys(each)));
  const known = operationSchema.kind === 'struct' ? operationSchema.fields : [];
  expect([...said].sort()).toEqual(known.map(({ name }) => name).sort());
});

test.each(everything)('%j can be encoded, and is written as it was read', (operation) => {
  const [first] = read(operation).operations;
  if (first === undefined) throw new Error('nothing was read');
  expect(() => encode(operationSchema, first)).not.toThrow();
  expect(read(writeOperation(first)).operations).toEqual([first]);
});

test('a move takes the license away, and names where it goes', () => {
  expect(read({ moveLicense: { product: 100, to: 'LK-2' } })).toEqual({
    operations: [{ withdrawLicense: { product: 100 } }],
    moves: [{ product: 100, to: 'LK-2' }],
  });
});

test('a random secret is made once for a product, and other random bytes each time', () => {
  const { operations } = read(
    { putLicense: { product: 100, secret: 'random:32' } },
    { putLicense: { product: 101, secret: 'random:32' } },
  );
  expect(operations[0]?.putLicense?.secret).toEqual(secret);
  expect(operations[1]?.putLicense?.secret).toEqual(new Uint8Array(32).fill(0xee));
});

describe('tells what is wrong and what to write', () => {
  const put = (changes: object) => ({ putLicense: { product: 1, ...changes } });

  test.each<[string, unknown, string]>([
    [
      'an unknown operation',
      { putLicence: {} },
      'operations[0] has "putLicence", which is not known; do you mean "putLicense"?',
    ],
    [
      'an unknown word',
      put({ feature: [1] }),
      'operations[0].putLicense has "feature", which is not known; do you mean "features"?',
    ],
    [
      'a word like no other',
      put({ zebra: 1 }),
      'operations[0].putLicense has "zebra", which is not known; write one of product, text,',
    ],
    [
      'two operations in one',
      { setBlocked: true, nameVendor: 'A' },
      'operations[0] says 2 things; give each its own { … }',
    ],
    ['none at all', {}, 'operations[0] says 0 things'],
    ['a missing word', { putLicense: {} }, 'operations[0].putLicense has no "product"'],
    ['no object', { putLicense: 7 }, 'operations[0].putLicense is 7; write { "product"'],
    [
      'a product that is no number',
      put({ product: '1' }),
      'operations[0].putLicense.product is "1"; write a whole number from 0 to 4294967295',
    ],
    [
      'a number that is too large',
      put({ product: 2 ** 32 }),
      'write a whole number from 0 to 4294967295',
    ],
    ['a fraction', put({ units: 1.5 }), 'units is 1.5; write a whole number'],
    [
      'a day that is none',
      put({ expiry: '2027-02-30' }),
      'expiry is "2027-02-30"; write a date such as "2027-12-31"',
    ],
    [
      'another way to write dates',
      put({ expiry: '31.12.2027' }),
      'write a date such as "2027-12-31"',
    ],
    ['seconds as a date', put({ expiry: 1_800_000_000 }), 'write a date such as "2027-12-31"'],
    ['a local time', put({ expiry: '2027-12-31T18:00' }), 'write a date such as'],
    ['a time before 1970', put({ expiry: '1969-12-31' }), 'write a date such as'],
    [
      'a period without a unit',
      put({ usagePeriod: '30' }),
      'usagePeriod is "30"; write a period such as "30d"',
    ],
    [
      'a period that is too long',
      put({ usagePeriod: '99999999w' }),
      'write a period such as "30d"',
    ],
    [
      'features as a number',
      put({ features: 9 }),
      'features is 9; write a list of features, 0 to 31 each, such as [0, 3]',
    ],
    ['a feature that there is not', put({ features: [32] }), 'write a list of features, 0 to 31'],
    [
      'bytes without an encoding',
      put({ secret: '00ff' }),
      'secret is "00ff"; write 16 to 32 bytes as "hex:…", "base64:…" or "random:…"',
    ],
    [
      'hexadecimal that is none',
      put({ secret: 'hex:0g' }),
      'secret is "hex:0g"; write 16 to 32 bytes',
    ],
    [
      'base64 that is none',
      put({ protectedData: 'base64:a b=' }),
      'protectedData is "base64:a b="; write 0 to 128 bytes',
    ],
    ['too few bytes', put({ secret: 'hex:00ff' }), 'secret has 2 bytes; write 16 to 32 bytes'],
    [
      'too many random bytes',
      put({ secret: 'random:33' }),
      'secret is "random:33"; write "random:" and a count from 1 to 32',
    ],
    ['a text that is too long', put({ text: 'é'.repeat(65) }), 'write a text of 0 to 128 bytes'],
    ['half a character', put({ text: '\ud800' }), 'write a text of 0 to 128 bytes'],
    [
      'a state that there is not',
      { setLicenseState: { product: 1, state: 'off' } },
      'state is "off"; write one of active, blocked, decoy',
    ],
    [
      'an enumeration’s inherited word',
      { setLicenseState: { product: 1, state: 'toString' } },
      'write one of active, blocked, decoy',
    ],
    [
      'a truth that is none',
      { setBlocked: 1 },
      'operations[0].setBlocked is 1; write true or false',
    ],
    [
      'two sizes',
      {
        putPartition: {
          application: 20,
          sizes: [1, 2],
          userPassword: password,
          administratorPassword: password,
        },
      },
      'sizes is [1,2]; write a list of 3',
    ],
    [
      'a bad item of a list',
      put({ machine: ['hex:00'] }),
      'putLicense.machine[0] has 1 bytes; write 8 bytes',
    ],
    [
      'a serial with an accent',
      { moveLicense: { product: 1, to: 'é' } },
      'to is "é"; write a printable ASCII text of 1 to 32 bytes',
    ],
    ['JSON’s own words', { ['__proto__' as string]: 1, setBlocked: true }, 'is not known'],
  ])('%s', (_, operation, sentence) => {
    expect(refusal(JSON.stringify({ operations: [operation] }))).toContain(sentence);
  });

  test.each([
    ['no JSON', '{ operations: [] }', 'it is not JSON'],
    ['a list', '[]', 'it is not an object; write { "operations": [ … ] }'],
    ['nothing', '{}', '"operations" is not a list with something in it'],
    ['no operation', '{"operations":[]}', '"operations" is not a list with something in it'],
    [
      'another word beside',
      '{"operations":[{"setBlocked":true}],"option":1}',
      '"option" is not known beside "operations"',
    ],
    [
      'too many',
      JSON.stringify({ operations: Array(65).fill({ setBlocked: true }) }),
      'it has 65 operations and an update holds 64',
    ],
  ])('%s', (_, text, sentence) => {
    expect(refusal(text)).toContain(sentence);
  });
});

function refusal(text: string): string {
  try {
    parsePlan(text, sources);
  } catch (error) {
    expect(error).toBeInstanceOf(DongleError);
    expect((error as DongleError).code).toBe('INVALID_ARGUMENT');
    return (error as DongleError).message;
  }
  throw new Error('the plan was taken');
}
