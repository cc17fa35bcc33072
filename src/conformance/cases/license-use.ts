import type { Case, Step } from '../case.ts';
import { hiddenCode } from '../demo-licenses.ts';
import { ask, check, type Outcome, session } from '../license-steps.ts';

/** Takes units by the request of that number. */
function take(seed: number, units: number, outcome: Outcome, on = 'a'): Step {
  return ask('takeUnits', 1, { request: { bytes: 16, seed }, units }, outcome, on);
}

/** "payload" with the additional data "ad", as the vendor encrypts it without any device. */
const shipped = {
  iv: { hex: '64'.repeat(12) },
  data: { hex: 'c71affa443d7cfd42523b14a785837db70a3290782a441' },
  ad: { hex: '6164' },
} as const;
const payload = { hex: '7061796c6f6164' } as const;

/** What licenses are good for: units that are taken once, data that they encrypt, data in them. */
export const licenseUseCases = [
  {
    name: 'license-units',
    clause: 'licenses/units',
    title: 'Units are taken until there are none; a request for more than are left takes none.',
    licenses: true,
    steps: [
      session,
      take(1, 2, { result: { unitsLeft: 1 } }),
      take(2, 2, { error: 'LICENSE_USED_UP' }),
      check(1, {}, { result: { unitsLeft: 1 } }),
      take(3, 1, { result: { unitsLeft: 0 } }),
      take(4, 1, { error: 'LICENSE_USED_UP' }),
      take(5, 0, { result: { unitsLeft: 0 } }),
      check(1, {}, { result: { unitsLeft: 0 } }),
    ],
  },
  {
    name: 'license-units-once',
    clause: 'licenses/units',
    title:
      'A request that comes again takes nothing and gets its answer; another under its number is refused.',
    licenses: true,
    steps: [
      session,
      take(1, 1, { result: { unitsLeft: 2 } }),
      take(2, 1, { result: { unitsLeft: 1 } }),
      take(1, 1, { result: { unitsLeft: 2 } }),
      take(1, 2, { error: 'INVALID_ARGUMENT' }),
      check(1, {}, { result: { unitsLeft: 1 } }),
      { do: 'call', on: 'a', command: 'end' },
      { do: 'session', on: 'b', as: 'other' },
      take(1, 1, { result: { unitsLeft: 2 } }, 'b'),
      { do: 'unplug' },
      { do: 'plug' },
      { do: 'session', on: 'c', as: 'other' },
      take(2, 1, { result: { unitsLeft: 1 } }, 'c'),
      take(3, 1, { result: { unitsLeft: 0 } }, 'c'),
    ],
  },
  {
    name: 'license-units-last',
    clause: 'licenses/units',
    title: 'Units that were taken are gone after a loss of power.',
    licenses: true,
    steps: [
      session,
      take(1, 3, { result: { unitsLeft: 0 } }),
      { do: 'unplug' },
      { do: 'plug' },
      { do: 'session', on: 'b' },
      take(2, 1, { error: 'LICENSE_USED_UP' }, 'b'),
    ],
  },
  {
    name: 'license-decrypts',
    clause: 'licenses/encryption',
    title:
      'What a vendor encrypted for a license is decrypted for a unit each, as long as there are some.',
    licenses: true,
    steps: [
      session,
      {
        do: 'repeat',
        times: 3,
        steps: [
          {
            do: 'call',
            on: 'a',
            command: 'random',
            fields: { count: 16 },
            save: { data: 'request' },
          },
          ask(
            'licenseDecrypt',
            1,
            { request: { saved: 'request' }, units: 1, ...shipped },
            { result: { data: payload } },
          ),
        ],
      },
      ask(
        'licenseDecrypt',
        1,
        { request: { bytes: 16, seed: 1 }, units: 1, ...shipped },
        { error: 'LICENSE_USED_UP' },
      ),
      ask(
        'licenseDecrypt',
        1,
        { request: { saved: 'request' }, units: 1, ...shipped },
        { result: { unitsLeft: 0, data: payload } },
      ),
    ],
  },
  {
    name: 'license-decrypts-damaged',
    clause: 'licenses/encryption',
    title: 'A unit is taken before anything is decrypted, so damaged data take it too.',
    licenses: true,
    steps: [
      session,
      ask(
        'licenseDecrypt',
        1,
        { request: { bytes: 16 }, units: 1, ...shipped, ad: { hex: '6165' } },
        { error: 'DECRYPT_FAILED' },
      ),
      check(1, {}, { result: { unitsLeft: 2 } }),
      ask(
        'licenseDecrypt',
        7,
        { request: { bytes: 16 }, units: 1, ...shipped },
        { error: 'LICENSE_FEATURE' },
      ),
    ],
  },
  {
    name: 'license-encrypts',
    clause: 'licenses/encryption',
    title: 'What a license encrypts it decrypts, each time under another IV.',
    licenses: true,
    steps: [
      session,
      ask(
        'licenseEncrypt',
        1,
        { data: { bytes: 100 } },
        { result: { data: { length: 116 } }, save: { iv: 'iv', data: 'sealed' } },
      ),
      ask('licenseEncrypt', 1, { data: { bytes: 100 } }, { result: { iv: { unlike: 'iv' } } }),
      ask(
        'licenseDecrypt',
        1,
        { request: { bytes: 16 }, units: 1, iv: { saved: 'iv' }, data: { saved: 'sealed' } },
        { result: { data: { bytes: 100 }, unitsLeft: 2 } },
      ),
    ],
  },
  {
    name: 'license-data',
    clause: 'licenses/data',
    title: 'Hidden data need their code; what the user writes stays.',
    licenses: true,
    steps: [
      session,
      ask(
        'readLicenseData',
        10,
        {},
        {
          result: {
            userData: { absent: true },
            protectedData: { hex: '70726f746563746564' },
            hiddenData: { absent: true },
          },
        },
      ),
      ask('readLicenseData', 10, { code: { bytes: 16, seed: 6 } }, { error: 'PASSWORD_WRONG' }),
      ask('readLicenseData', 1, { code: hiddenCode }, { error: 'PASSWORD_WRONG' }),
      ask(
        'readLicenseData',
        10,
        { code: hiddenCode },
        { result: { hiddenData: { hex: '68696464656e' } } },
      ),
      ask('writeUserData', 10, { data: { bytes: 256 } }),
      { do: 'unplug' },
      { do: 'plug' },
      { do: 'session', on: 'b' },
      ask('readLicenseData', 10, {}, { result: { userData: { bytes: 256 } } }, 'b'),
    ],
  },
] satisfies readonly Case[];
