import type { Case, Step } from '../case.ts';
import type { Value } from '../step-data.ts';

function load(type: string, hex: string, save = 'key'): Step {
  const material = { fields: { type, key: { hex } } };
  return { do: 'call', on: 'a', command: 'loadKey', fields: { material }, save: { key: save } };
}

const key = { saved: 'key' };

function publicKeyIs(hex: string, save?: string): Step {
  return {
    ...{ do: 'call', on: 'a', command: 'eccPublicKey', fields: { key } },
    result: { publicKey: { hex } },
    ...(save !== undefined && { save: { publicKey: save } }),
  };
}

function refuse(command: string, fields: Readonly<Record<string, Value>>): Step {
  return { do: 'call', on: 'a', command, fields: { key, ...fields }, error: 'INVALID_ARGUMENT' };
}

/** RFC 6979, appendix A.2.5. */
const p256 = {
  key: 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
  publicKey:
    '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
};
const message = { hex: '616263' };
/** SHA-256 of it (FIPS 180-2, appendix B.1). */
const digest = { hex: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' };

/** SHA-384 of it (appendix D.1). */
const longDigest = {
  hex: 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
};

/** RFC 8032, section 7.1, test 3. */
const ed25519 = {
  key: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
  publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
  message: 'af82',
  signature:
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
};

/** RFC 7748, section 5.2. */
const x25519 = {
  key: 'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
  point: 'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
  secret: 'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
  nine: `09${'00'.repeat(31)}`,
  nineTimesBase: '422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079',
};

function agree(hex: string, secret: string): Step {
  const fields = { key, publicKey: { hex } };
  return { do: 'call', on: 'a', command: 'eccAgree', fields, result: { secret: { hex: secret } } };
}

function refuseKey(type: string, hex: string): Step {
  const fields = { material: { fields: { type, key: { hex } } } };
  return { do: 'call', on: 'a', command: 'loadKey', fields, error: 'KEY_REFUSED' };
}

/** Elliptic curves. */
export const eccCases = [
  {
    name: 'ecc-p256',
    clause: 'commands/ecc',
    title: 'P-256 signs a message or its hash, another way each time, and WebCrypto agrees.',
    steps: [
      { do: 'session', on: 'a' },
      load('p256', p256.key),
      publicKeyIs(p256.publicKey, 'public'),
      ...([{ message }, { digest }] as const).map(
        (input): Step => ({
          do: 'repeat',
          times: 4,
          steps: [
            {
              do: 'call',
              on: 'a',
              command: 'eccSign',
              fields: { key, hash: 'sha256', ...input },
              result: { signature: { length: 64 } },
              save: { signature: 'ecdsa-#' },
            },
            {
              ...{ do: 'verifyEcdsa', publicKey: 'public', hash: 'sha256', message },
              signature: 'ecdsa-#',
            },
          ],
        }),
      ),
      {
        do: 'call',
        on: 'a',
        command: 'eccSign',
        fields: { key, hash: 'sha256', message },
        result: { signature: { unlike: 'ecdsa-3' } },
      },
      {
        do: 'call',
        on: 'a',
        command: 'eccSign',
        fields: { key, hash: 'sha256', digest },
        result: { signature: { unlike: 'ecdsa-3' } },
      },
      {
        do: 'call',
        on: 'a',
        command: 'eccSign',
        fields: { key, hash: 'sha384', digest: longDigest },
        save: { signature: 'longer' },
      },
      {
        ...{ do: 'verifyEcdsa', publicKey: 'public', hash: 'sha384', message },
        signature: 'longer',
      },
      {
        do: 'call',
        on: 'a',
        command: 'eccSign',
        fields: { key, hash: 'sha512', message: { bytes: 7000 } },
        save: { signature: 'long' },
      },
      {
        ...{ do: 'verifyEcdsa', publicKey: 'public', hash: 'sha512', message: { bytes: 7000 } },
        signature: 'long',
      },
    ],
  },
  {
    name: 'ecc-generated',
    clause: 'commands/ecc',
    title: 'A generated P-256 key signs what its public half verifies.',
    steps: [
      { do: 'session', on: 'a' },
      {
        do: 'call',
        on: 'a',
        command: 'generateKey',
        fields: { type: 'p256' },
        save: { key: 'key' },
      },
      {
        ...{ do: 'call', on: 'a', command: 'eccPublicKey', fields: { key } },
        save: { publicKey: 'public' },
      },
      {
        do: 'call',
        on: 'a',
        command: 'eccSign',
        fields: { key, hash: 'sha384', message },
        save: { signature: 'ecdsa' },
      },
      {
        ...{ do: 'verifyEcdsa', publicKey: 'public', hash: 'sha384', message },
        signature: 'ecdsa',
      },
    ],
  },
  {
    name: 'ecc-ed25519',
    clause: 'commands/ecc',
    title: 'Ed25519 signs messages alone, as RFC 8032 says.',
    steps: [
      { do: 'session', on: 'a' },
      load('ed25519', ed25519.key),
      publicKeyIs(ed25519.publicKey),
      {
        do: 'call',
        on: 'a',
        command: 'eccSign',
        fields: { key, message: { hex: ed25519.message } },
        result: { signature: { hex: ed25519.signature } },
      },
      refuse('eccSign', { digest }),
      refuse('eccSign', { hash: 'sha256', message }),
      refuse('eccSign', {}),
      refuse('eccAgree', { publicKey: { hex: x25519.point } }),
    ],
  },
  {
    name: 'ecc-x25519',
    clause: 'commands/ecc',
    title: 'X25519 agrees as RFC 7748 says, and never on zeros.',
    steps: [
      { do: 'session', on: 'a' },
      load('x25519', x25519.key),
      agree(x25519.point, x25519.secret),
      refuse('eccAgree', { publicKey: { hex: '00'.repeat(32) } }),
      refuse('eccAgree', { publicKey: { hex: `01${'00'.repeat(31)}` } }),
      refuse('eccSign', { message }),
      agree(x25519.point, x25519.secret),
      load('x25519', x25519.nine),
      publicKeyIs(x25519.nineTimesBase),
      agree(x25519.nine, x25519.nineTimesBase),
    ],
  },
  {
    name: 'ecc-no-request',
    clause: 'commands/ecc',
    title: 'P-256 wants a hash, and one message or one digest of its length.',
    steps: [
      { do: 'session', on: 'a' },
      load('p256', p256.key),
      refuse('eccSign', { message }),
      refuse('eccSign', { hash: 'sha256' }),
      refuse('eccSign', { hash: 'sha256', message, digest }),
      refuse('eccSign', { hash: 'sha384', digest }),
      refuse('eccAgree', { publicKey: { hex: x25519.point } }),
      refuse('eccSign', { key: 1, hash: 'sha256', message }),
      refuse('eccPublicKey', { key: 1 }),
      publicKeyIs(p256.publicKey),
    ],
  },
  {
    name: 'ecc-weak-keys',
    clause: 'keys/weak',
    title: 'Private numbers that are none are refused.',
    steps: [
      { do: 'session', on: 'a' },
      refuseKey('p256', '00'.repeat(32)),
      refuseKey('p256', 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
      refuseKey('p256', 'ff'.repeat(32)),
      refuseKey('p256', '01'.repeat(31)),
      refuseKey('x25519', '00'.repeat(32)),
      refuseKey('x25519', '01'.repeat(33)),
      refuseKey('ed25519', '01'.repeat(31)),
      load('p256', 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550'),
      load('p256', `${'00'.repeat(31)}01`),
    ],
  },
] satisfies readonly Case[];
