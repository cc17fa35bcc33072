import { beforeAll, describe, expect, it, vi } from 'vitest';
import { suite } from '#crypto';
import { concatBytes, fromHex, toHex, utf8 } from '../../../src/bytes.ts';
import type { SigningKey } from '../../../src/crypto/suite.ts';
import {
  capabilitiesFromBits,
  capabilitiesToBits,
} from '../../../src/protocol/certificates/certificate.ts';
import { chainIdOf, chainSchema, encodeChain } from '../../../src/protocol/certificates/chain.ts';
import {
  type DeviceFields,
  issueDeviceCertificate,
  issueIssuerCertificate,
  issueRevocationList,
} from '../../../src/protocol/certificates/issue.ts';
import type { TrustedRoot } from '../../../src/protocol/certificates/root.ts';
import {
  createTrustStore,
  type TrustOptions,
  type TrustStore,
} from '../../../src/protocol/certificates/trust-store.ts';
import { type DongleClaims, verifyChain } from '../../../src/protocol/certificates/verify-chain.ts';
import { keyIdOf, openSign1, signSign1 } from '../../../src/protocol/cose.ts';
import { encode } from '../../../src/protocol/schema/index.ts';

const vendor = 7;
const staticKey = suite.sha256(utf8('static'));

let rootKey: SigningKey;
let issuerKey: SigningKey;
let strangerKey: SigningKey;
let root: TrustedRoot;

beforeAll(async () => {
  rootKey = await suite.importSigningKey(suite.sha256(utf8('root')));
  issuerKey = await suite.importSigningKey(suite.sha256(utf8('issuer')));
  strangerKey = await suite.importSigningKey(suite.sha256(utf8('stranger')));
  root = { name: 'Acme root', publicKey: rootKey.publicKey, test: false, vendors: [vendor, 8] };
});

const deviceFields = {
  vendor,
  serial: 'A-0042',
  model: 'Latch One',
  key: staticKey,
  capabilities: ['aes', 'rsa'],
  minimumProtocol: 1,
  signingKey: new Uint8Array(32).fill(5),
} as const satisfies DeviceFields;

type IssuerFields = Parameters<typeof issueIssuerCertificate>[1];

interface Making {
  readonly issuer?: Partial<IssuerFields>;
  readonly device?: Partial<DeviceFields>;
  readonly signRoot?: SigningKey;
  readonly signIssuer?: SigningKey;
}

async function makeChain({ issuer, device, signRoot, signIssuer }: Making = {}) {
  return encodeChain(
    await issueIssuerCertificate(signRoot ?? rootKey, {
      purpose: 'issue',
      vendors: [vendor],
      test: false,
      publicKey: issuerKey.publicKey,
      name: 'Acme issuer',
      ...issuer,
    }),
    await issueDeviceCertificate(signIssuer ?? issuerKey, { ...deviceFields, ...device }),
  );
}

function claimsFor(chain: Uint8Array, other: Partial<DongleClaims> = {}): DongleClaims {
  const { serial, model } = deviceFields;
  return { staticKey, serial, model, chainId: chainIdOf(chain), ...other };
}

async function makeTrust(options: Partial<TrustOptions> = {}): Promise<TrustStore> {
  const made = await createTrustStore({ roots: [root], ...options });
  if (!made.ok) throw new Error(made.detail);
  return made.value;
}

describe('verifyChain', () => {
  it('tells who a genuine dongle is, at the price of two signature verifications', async () => {
    const chain = await makeChain();
    const trust = await makeTrust();
    const verify = vi.spyOn(suite, 'verifySignature');
    expect(await verifyChain(trust, chain, claimsFor(chain))).toEqual({
      ok: true,
      value: {
        vendor,
        serial: 'A-0042',
        model: 'Latch One',
        capabilities: ['aes', 'rsa'],
        minimumProtocol: 1,
        test: false,
        rootName: 'Acme root',
      },
    });
    expect(verify).toHaveBeenCalledTimes(2);
    verify.mockRestore();
  });

  it('takes a TEST chain where TEST roots are allowed, and says that it is one', async () => {
    const chain = await makeChain({ issuer: { test: true } });
    const trust = await makeTrust({
      roots: [{ ...root, test: true, vendors: 'any' }],
      allowTest: true,
    });
    const result = await verifyChain(trust, chain, claimsFor(chain));
    expect(result).toMatchObject({ ok: true, value: { test: true } });
  });

  it('takes a dongle that is what the software is pinned to', async () => {
    const chain = await makeChain();
    const trust = await makeTrust({ pin: { vendor, serial: 'A-0042' } });
    expect(await verifyChain(trust, chain, claimsFor(chain))).toMatchObject({ ok: true });
  });

  interface Refused {
    readonly what: string;
    readonly making?: Making;
    readonly trust?: () => Partial<TrustOptions> | Promise<Partial<TrustOptions>>;
    readonly claims?: Partial<DongleClaims>;
    readonly code: string;
    readonly detail: RegExp;
    /** Signatures verified before the refusal. */
    readonly verified: number;
  }

  const revoking =
    (list: { issuers?: Uint8Array[]; dongles?: { vendor: number; serial: string }[] }) =>
    async () => ({
      revocations: [
        await issueRevocationList(rootKey, { number: 1, issuers: [], dongles: [], ...list }),
      ],
    });

  const refused: readonly Refused[] = [
    {
      what: 'a chain that leads to no trusted root',
      trust: () => ({ roots: [] }),
      code: 'CERTIFICATE_UNTRUSTED',
      detail: /A-0042 leads to no trusted root.*Acme issuer.*add its vendor’s root/,
      verified: 0,
    },
    {
      what: 'an issuer whose certificate another key signed',
      making: {
        get signRoot() {
          return impostorOf(rootKey);
        },
      },
      code: 'CERTIFICATE_UNTRUSTED',
      detail: /issuer’s certificate is not signed by Acme root/,
      verified: 1,
    },
    {
      what: 'a device certificate that another key signed in the issuer’s name',
      making: {
        get signIssuer() {
          return impostorOf(issuerKey);
        },
      },
      code: 'CERTIFICATE_UNTRUSTED',
      detail: /is not signed by its issuer Acme issuer/,
      verified: 2,
    },
    {
      what: 'a device certificate that names another issuer',
      making: {
        get signIssuer() {
          return strangerKey;
        },
      },
      code: 'CERTIFICATE_UNTRUSTED',
      detail: /is not signed by its issuer Acme issuer/,
      verified: 0,
    },
    {
      what: 'a device certificate that the root itself signed',
      making: {
        get signIssuer() {
          return rootKey;
        },
      },
      code: 'CERTIFICATE_UNTRUSTED',
      detail: /is not signed by its issuer/,
      verified: 0,
    },
    {
      what: 'a chain under a key for updates',
      making: { issuer: { purpose: 'update' } },
      code: 'CERTIFICATE_UNTRUSTED',
      detail: /key of Acme issuer is for update, not for issuing/,
      verified: 0,
    },
    {
      what: 'a chain under a key for the time',
      making: { issuer: { purpose: 'time' } },
      code: 'CERTIFICATE_UNTRUSTED',
      detail: /is for time, not for issuing/,
      verified: 0,
    },
    {
      what: 'an issuer of a vendor that the root may not certify',
      making: { issuer: { vendors: [vendor, 9] } },
      code: 'CERTIFICATE_UNTRUSTED',
      detail: /Acme root may not certify vendor 9/,
      verified: 0,
    },
    {
      what: 'a device of a vendor that is not the issuer’s',
      making: { device: { vendor: 8 } },
      code: 'CERTIFICATE_UNTRUSTED',
      detail: /Acme issuer may not issue for vendor 8/,
      verified: 0,
    },
    {
      what: 'a TEST issuer under a production root, even where TEST is allowed',
      making: { issuer: { test: true } },
      trust: () => ({ allowTest: true }),
      code: 'CERTIFICATE_UNTRUSTED',
      detail: /Acme issuer is a TEST issuer under the production root Acme root/,
      verified: 0,
    },
    {
      what: 'a production issuer under a TEST root',
      trust: () => ({ roots: [{ ...root, test: true }], allowTest: true }),
      code: 'CERTIFICATE_UNTRUSTED',
      detail: /Acme issuer is a production issuer under the TEST root Acme root/,
      verified: 0,
    },
    {
      what: 'a TEST chain in production, its root known',
      making: { issuer: { test: true } },
      trust: () => ({ roots: [{ ...root, test: true }] }),
      code: 'CERTIFICATE_TEST',
      detail: /A-0042 has a TEST certificate.*use a real dongle/,
      verified: 0,
    },
    {
      what: 'a TEST chain in production, its root unknown',
      making: { issuer: { test: true } },
      trust: () => ({ roots: [] }),
      code: 'CERTIFICATE_TEST',
      detail: /A-0042 has a TEST certificate/,
      verified: 0,
    },
    {
      what: 'a chain under a TEST root in production that hides it',
      trust: () => ({ roots: [{ ...root, test: true }] }),
      code: 'CERTIFICATE_TEST',
      detail: /A-0042 has a TEST certificate/,
      verified: 0,
    },
    {
      what: 'a certificate for another key than the handshake’s',
      claims: { staticKey: new Uint8Array(32) },
      code: 'CERTIFICATE_MISMATCH',
      detail: /certificate of Latch One A-0042, but the key it uses is another/,
      verified: 0,
    },
    {
      what: 'a certificate for another serial than HELLO’s',
      claims: { serial: 'A-0043' },
      code: 'CERTIFICATE_MISMATCH',
      detail: /it calls itself A-0043/,
      verified: 0,
    },
    {
      what: 'a certificate for another model than HELLO’s',
      claims: { model: 'Latch Two' },
      code: 'CERTIFICATE_MISMATCH',
      detail: /it calls itself a Latch Two/,
      verified: 0,
    },
    {
      what: 'another chain than HELLO announced',
      claims: { chainId: new Uint8Array(32) },
      code: 'CERTIFICATE_MISMATCH',
      detail: /it announced another certificate/,
      verified: 0,
    },
    {
      what: 'a revoked dongle',
      trust: revoking({ dongles: [{ vendor, serial: 'A-0042' }] }),
      code: 'CERTIFICATE_REVOKED',
      detail: /^Dongle A-0042 has been revoked by Acme root/,
      verified: 2,
    },
    {
      what: 'a dongle of a revoked issuer',
      trust: () => revoking({ issuers: [keyIdOf(issuerKey.publicKey)] })(),
      code: 'CERTIFICATE_REVOKED',
      detail: /^The issuer of dongle A-0042 has been revoked/,
      verified: 2,
    },
    {
      what: 'a genuine dongle of another vendor than the pinned one',
      trust: () => ({ pin: { vendor: 8 } }),
      code: 'CERTIFICATE_UNPINNED',
      detail: /A-0042 is genuine but of vendor 7, .* vendor 8/,
      verified: 2,
    },
    {
      what: 'a genuine dongle with another serial than the pinned one',
      trust: () => ({ pin: { vendor, serial: 'A-0043' } }),
      code: 'CERTIFICATE_UNPINNED',
      detail: /A-0042 is genuine, but this software takes only A-0043/,
      verified: 2,
    },
  ];

  it.each(refused)('refuses $what', async ({ making, trust, claims, code, detail, verified }) => {
    const chain = await makeChain(making);
    const store = await makeTrust(await trust?.());
    const verify = vi.spyOn(suite, 'verifySignature');
    const result = await verifyChain(store, chain, claimsFor(chain, claims));
    expect(result).toEqual({ ok: false, code, detail: expect.stringMatching(detail) });
    expect(verify).toHaveBeenCalledTimes(verified);
    verify.mockRestore();
  });

  it('refuses a certificate signed for another purpose', async () => {
    const issuer = await issueIssuerCertificate(rootKey, {
      purpose: 'issue',
      vendors: [vendor],
      test: false,
      publicKey: issuerKey.publicKey,
      name: 'Acme issuer',
    });
    const opened = openSign1(issuer);
    if (!opened.ok) throw new Error(opened.detail);
    const chain = encodeChain(
      await signSign1(opened.value.payload, rootKey, 'revocationList'),
      await issueDeviceCertificate(issuerKey, deviceFields),
    );
    const result = await verifyChain(await makeTrust(), chain, claimsFor(chain));
    expect(result).toMatchObject({ ok: false, code: 'CERTIFICATE_UNTRUSTED' });
  });

  it('refuses a chain with any byte changed', async () => {
    const chain = await makeChain();
    const trust = await makeTrust();
    const codes = new Map<string, number>();
    for (let at = 0; at < chain.length; at++) {
      for (const flip of [0x01, 0x20, 0xff]) {
        const changed = chain.slice();
        changed[at] = (changed[at] as number) ^ flip;
        // The attacker's HELLO fits the changed chain; the serial and the model stay.
        const result = await verifyChain(trust, changed, claimsFor(changed));
        if (result.ok) throw new Error(`byte ${at} ^ ${flip} is accepted`);
        expect(result.detail).toMatch(/^[A-Z].*[a-z]\.$/);
        codes.set(result.code, (codes.get(result.code) ?? 0) + 1);
      }
    }
    expect([...codes.keys()].sort()).toEqual([
      'CERTIFICATE_MALFORMED',
      'CERTIFICATE_MISMATCH',
      'CERTIFICATE_TEST',
      'CERTIFICATE_UNTRUSTED',
    ]);
  });

  it('reads no chain over 1,500 bytes', async () => {
    const chain = encode(chainSchema, [new Uint8Array(700), new Uint8Array(795)]);
    expect(chain.length).toBe(1502);
    expect(await verifyChain(await makeTrust(), chain, claimsFor(chain))).toMatchObject({
      code: 'CERTIFICATE_MALFORMED',
      detail: expect.stringContaining('1502 bytes, more than 1500'),
    });
  });

  it('refuses a chain that is cut short at any byte, too long or not one', async () => {
    const chain = await makeChain();
    const trust = await makeTrust();
    const bad = [
      ...Array.from(chain, (_, end) => chain.slice(0, end)),
      concatBytes(chain, fromHex('00')),
      new Uint8Array(1501),
      new Uint8Array(1_000_000),
      fromHex('824040'),
    ];
    for (const bytes of bad) {
      const result = await verifyChain(trust, bytes, claimsFor(bytes));
      expect(result).toMatchObject({
        ok: false,
        code: 'CERTIFICATE_MALFORMED',
        detail: expect.stringMatching(/^The certificate chain of dongle A-0042 cannot be read/),
      });
    }
  });
});

/** A key that signs by itself but claims to be another one. */
function impostorOf(key: SigningKey): SigningKey {
  return { publicKey: key.publicKey, sign: (message) => strangerKey.sign(message) };
}

describe('createTrustStore', () => {
  it('verifies each revocation list once', async () => {
    const list = await issueRevocationList(rootKey, { number: 1, issuers: [], dongles: [] });
    const verify = vi.spyOn(suite, 'verifySignature');
    await makeTrust({ revocations: [list, list] });
    expect(verify).toHaveBeenCalledTimes(2);
    verify.mockRestore();
  });

  it('lets the newest list of a root count, in whatever order they come', async () => {
    const chain = await makeChain();
    const dongles = [{ vendor, serial: 'A-0042' }];
    const older = await issueRevocationList(rootKey, { number: 1, issuers: [], dongles: [] });
    const newer = await issueRevocationList(rootKey, { number: 2, issuers: [], dongles });
    for (const revocations of [
      [older, newer],
      [newer, older],
    ]) {
      const result = await verifyChain(await makeTrust({ revocations }), chain, claimsFor(chain));
      expect(result).toMatchObject({ code: 'CERTIFICATE_REVOKED' });
    }
  });

  it('lets a root revoke nothing under another root', async () => {
    const chain = await makeChain();
    const other = { ...root, name: 'Other root', publicKey: strangerKey.publicKey };
    const list = await issueRevocationList(strangerKey, {
      number: 1,
      issuers: [keyIdOf(issuerKey.publicKey)],
      dongles: [{ vendor, serial: 'A-0042' }],
    });
    const trust = await makeTrust({ roots: [root, other], revocations: [list] });
    expect(await verifyChain(trust, chain, claimsFor(chain))).toMatchObject({ ok: true });
  });

  it('refuses a revocation list that is damaged or not signed by one of the roots', async () => {
    const fields = { number: 5, issuers: [], dongles: [{ vendor, serial: 'A-0042' }] };
    const list = await issueRevocationList(rootKey, fields);
    const bad: [Uint8Array, RegExp][] = [
      [list.subarray(1), /^A revocation list cannot be read \(.+\); get it again\.$/],
      [await issueRevocationList(strangerKey, fields), /^Revocation list 5 is not signed by/],
      [
        await issueRevocationList(impostorOf(rootKey), fields),
        /^Revocation list 5 is not signed by/,
      ],
    ];
    for (const [bytes, detail] of bad) {
      expect(await createTrustStore({ roots: [root], revocations: [bytes] })).toEqual({
        ok: false,
        code: 'INVALID_ARGUMENT',
        detail: expect.stringMatching(detail),
      });
    }
  });

  it('refuses two roots with one key', async () => {
    const result = await createTrustStore({ roots: [root, { ...root, vendors: 'any' }] });
    expect(result).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT' });
  });
});

describe('issuing', () => {
  it.each<readonly [what: string, fields: Partial<DeviceFields>]>([
    ['an empty serial', { serial: '' }],
    ['a serial of two lines', { serial: 'a\nb' }],
    ['a key of 31 bytes', { key: new Uint8Array(31) }],
    ['a vendor over 32 bits', { vendor: 2 ** 32 }],
  ])('rejects %s with a RangeError', async (_, fields) => {
    await expect(issueDeviceCertificate(rootKey, { ...deviceFields, ...fields })).rejects.toThrow(
      RangeError,
    );
  });

  it('makes no chain that is too long', () => {
    expect(() => encodeChain(new Uint8Array(800), new Uint8Array(800))).toThrow(RangeError);
  });

  it('fits the largest chain that its fields allow', async () => {
    const chain = await makeChain({
      issuer: {
        vendors: Array.from({ length: 16 }, (_, i) => 0xffff_fff0 + i),
        name: 'n'.repeat(64),
      },
      device: { vendor: 0xffff_ffff, serial: 's'.repeat(32), model: 'm'.repeat(32) },
    });
    expect(chain.length).toBeLessThan(1500);
  });

  it('keeps capabilities through their bits, and ignores bits of the future', () => {
    expect(capabilitiesToBits(['aes', 'rsa'])).toBe(0b11);
    expect(capabilitiesFromBits(0xffff_ff82)).toEqual(['rsa']);
    expect(capabilitiesFromBits(0)).toEqual([]);
  });

  it('announces a chain by its SHA-256', () => {
    expect(toHex(chainIdOf(utf8('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', // FIPS 180-4, "abc"
    );
  });
});
