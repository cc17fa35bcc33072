import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { suite } from '#crypto';
import { concatBytes, fromHex, toHex, utf8 } from '../../../src/bytes.ts';
import {
  openSign1,
  signaturePurposes,
  signSign1,
  verifySign1,
} from '../../../src/protocol/cose.ts';

const seed = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
/** RFC 8032 §7.1 TEST 1: the public key of that seed. */
const publicKey = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');

/** The key straight from node:crypto, by its PKCS #8 form (RFC 8410 §7). */
const privateKey: KeyObject = createPrivateKey({
  key: Buffer.concat([fromHex('302e020100300506032b657004220420'), seed]),
  format: 'der',
  type: 'pkcs8',
});

const keyId = new Uint8Array(createHash('sha256').update(publicKey).digest());

/** {1: -8, 4: key id}: a2, 01 27, 04 5820 and 32 bytes; 38 bytes in all. */
const protectedHeader = concatBytes(fromHex('a2' + '0127' + '045820'), keyId);

/** What RFC 9052 §4.4 has signed, by hand: 4 items, the context, header, label and payload. */
function sigStructure(label: string, payload: Uint8Array): Uint8Array {
  return concatBytes(
    fromHex('84'),
    fromHex('6a'),
    utf8('Signature1'),
    fromHex('5826'),
    protectedHeader,
    fromHex('581b'),
    utf8(label),
    fromHex('45'),
    payload,
  );
}

const payload = utf8('hello');
const label = 'latchkey issuer certificate';
const signature = new Uint8Array(sign(null, sigStructure(label, payload), privateKey));

/** [protected, {}, payload, signature] by hand. */
const sign1 = concatBytes(
  fromHex('84'),
  fromHex('5826'),
  protectedHeader,
  fromHex('a0'),
  fromHex('45'),
  payload,
  fromHex('5840'),
  signature,
);

describe('COSE_Sign1', () => {
  it('is what RFC 9052 describes, down to the byte', async () => {
    const key = await suite.importSigningKey(seed);
    expect(toHex(key.publicKey)).toBe(toHex(publicKey));
    expect(toHex(await signSign1(payload, key, 'issuerCertificate'))).toBe(toHex(sign1));
  });

  it('verifies what was put together and signed without this code', async () => {
    const opened = openSign1(sign1);
    expect(opened).toEqual({ ok: true, value: { protectedHeader, keyId, payload, signature } });
    if (!opened.ok) return;
    expect(await verifySign1(opened.value, publicKey, 'issuerCertificate')).toBe(true);
  });

  it('signs what another implementation can verify', async () => {
    const key = await suite.importSigningKey(seed);
    const encoded = await signSign1(payload, key, 'issuerCertificate');
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') };
    const signed = sigStructure(label, payload);
    expect(
      verify(null, signed, createPublicKey({ key: jwk, format: 'jwk' }), encoded.subarray(-64)),
    ).toBe(true);
  });

  it('never verifies for another purpose, key or payload', async () => {
    const opened = openSign1(sign1);
    if (!opened.ok) throw new Error(opened.detail);
    expect(await verifySign1(opened.value, publicKey, 'deviceCertificate')).toBe(false);
    expect(await verifySign1(opened.value, publicKey, 'revocationList')).toBe(false);
    expect(await verifySign1(opened.value, keyId, 'issuerCertificate')).toBe(false);
    const changed = { ...opened.value, payload: utf8('hullo') };
    expect(await verifySign1(changed, publicKey, 'issuerCertificate')).toBe(false);
  });

  it('has a label of its own for each purpose', () => {
    const labels = Object.values(signaturePurposes);
    expect(new Set(labels).size).toBe(labels.length);
  });

  it('refuses every change of a single byte', async () => {
    let opened = 0;
    for (let at = 0; at < sign1.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const changed = sign1.slice();
        changed[at] = (changed[at] as number) ^ flip;
        const result = openSign1(changed);
        if (!result.ok) continue;
        opened++;
        const verified = await verifySign1(result.value, publicKey, 'issuerCertificate');
        expect(verified, `byte ${at} ^ ${flip}`).toBe(false);
      }
    }
    expect(opened).toBe(3 * (32 + payload.length + 64)); // key id, payload, signature
  });

  it.each([
    ['the tag 18', concatBytes(fromHex('d2'), sign1)],
    [
      'an unprotected header',
      concatBytes(sign1.subarray(0, 41), fromHex('a10401'), sign1.subarray(42)),
    ],
    ['a detached payload', concatBytes(sign1.subarray(0, 42), fromHex('f6'), sign1.subarray(48))],
    ['another algorithm (-7, ES256)', concatBytes(fromHex('845826a20126'), sign1.subarray(6))],
    ['an empty protected header', concatBytes(fromHex('8440'), sign1.subarray(41))],
    [
      'a short signature',
      concatBytes(sign1.subarray(0, 48), fromHex('583f'), signature.subarray(1)),
    ],
  ])('refuses %s', (_, encoded) => {
    expect(openSign1(encoded)).toEqual({ ok: false, detail: expect.stringMatching(/./) });
  });
});
