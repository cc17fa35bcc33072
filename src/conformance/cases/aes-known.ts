import type { Case, Step } from '../case.ts';

// NIST SP 800-38A appendix F, and vectors of NIST's GCMVS with 128-bit keys.

/** The first two blocks of every example in appendix F. */
const plaintext = '6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51';

const iv = '000102030405060708090a0b0c0d0e0f';
const counter = 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff';

const modes = [
  { mode: 'ecb', iv: '' },
  { mode: 'cbc', iv },
  { mode: 'cfb', iv },
  { mode: 'ctr', iv: counter },
] as const;

const examples = [
  {
    type: 'aes128',
    key: '2b7e151628aed2a6abf7158809cf4f3c',
    ecb: '3ad77bb40d7a3660a89ecaf32466ef97 f5d3d58503b9699de785895a96fdbaaf',
    cbc: '7649abac8119b246cee98e9b12e9197d 5086cb9b507219ee95db113a917678b2',
    cfb: '3b3fd92eb72dad20333449f8e83cfb4a c8a64537a0b3a93fcde3cdad9f1ce58b',
    ctr: '874d6191b620e3261bef6864990db6ce 9806f66b7970fdff8617187bb9fffdff',
  },
  {
    type: 'aes192',
    key: '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b',
    ecb: 'bd334f1d6e45f25ff712a214571fa5cc 974104846d0ad3ad7734ecb3ecee4eef',
    cbc: '4f021db243bc633d7178183a9fa071e8 b4d9ada9ad7dedf4e5e738763f69145a',
    cfb: 'cdc80d6fddf18cab34c25909c99a4174 67ce7f7f81173621961a2b70171d3d7a',
    ctr: '1abc932417521ca24f2b0459fe7e6e0b 090339ec0aa6faefd5ccc2c6f4ce8e94',
  },
  {
    type: 'aes256',
    key: '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
    ecb: 'f3eed1bdb5d2a03c064b5a7e3db181f8 591ccb10d410ed26dc5ba74a31362870',
    cbc: 'f58c4c04d6e5f1ba779eabfb5f7bfbd6 9cfc4e967edb808d679f777bc6702c7d',
    cfb: 'dc7e84bfda79164b7ecd8486985d3860 39ffed143b28b1c832113c6331e5407b',
    ctr: '601ec313775789a5b7a7f504bbf3d228 f443e3ca4d62b59aca84e990cacaf5c5',
  },
] as const;

function load(type: string, key: string): Step {
  const material = { fields: { type, key: { hex: key } } };
  return { do: 'call', on: 'a', command: 'loadKey', fields: { material }, save: { key: 'key' } };
}

const gcmExamples = [
  {
    key: 'a5a10d0f6d323ca2b39596036afcdf7d',
    iv: '52',
    data: 'f85be0138fb4c19717633a5f37',
    ad: '1b5f6c949cc5be523ae4732d12bb189ffaeadd91',
    sealed: '4ed45067f32cc97836908c6925 80359250836667494cd27631de910bfa',
  },
  {
    key: 'fe0121f42e599f88ff02a985403e19bb',
    iv: '3bb9eb7724cbe1943d43de21',
    data: 'fd331ca8646091c29f21e5f0a1',
    ad: '2662d895035b6519f3510eae0faa3900ad23cfdf',
    sealed: '59fe29b07b0de8d869efbbd9b4 d24c3e9c1c73c0af1097e26061c857de',
  },
  {
    key: 'bdc157d675b1a426de1883e177ba9899',
    iv: '9c2df495ca15d6f2030c1a06ebe97fe6d67808aae1058b477b79750a7556884c04f4eb8461dc3ad2ffa709333c3dd80ba6c1f448f8961e43b4bd11ef57a70b3881a7e5ac0bd34f4de67348d188573f7b19fe0f3c9f21b413ab246f6c8d8f5a1ee76d6fa6fcda64ca1279a8dbca10ae63fc253728c381999a6e68263357d15612',
    data: '803a30f71910e67ca3f3f677dc',
    ad: '44621d42ac532ea126a3be70890878b90ada5b80',
    sealed: 'df78ac9a299bcd3f27ab78c833 5fbf604c74fa0d520cdd37f494d07658',
  },
] as const;

function gcmSteps({ key, iv, data, ad, sealed }: (typeof gcmExamples)[number]): Step[] {
  const fields = { key: { saved: 'key' }, mode: 'gcm', iv: { hex: iv }, ad: { hex: ad } };
  const both = { data: { hex: data }, sealed: { hex: sealed } };
  return [
    load('aes128', key),
    {
      ...{ do: 'call', on: 'a', command: 'aesEncrypt' },
      fields: { ...fields, data: both.data },
      result: { data: both.sealed },
    },
    {
      ...{ do: 'call', on: 'a', command: 'aesDecrypt' },
      fields: { ...fields, data: both.sealed },
      result: { data: both.data },
    },
  ];
}

/** AES under keys that are known. */
export const aesKnownCases: readonly Case[] = [
  ...examples.map(
    (example): Case => ({
      name: `${example.type}-known-answers`,
      clause: 'commands/aes',
      title: `The examples of NIST SP 800-38A with a key of ${example.type} come out, both ways.`,
      steps: [
        { do: 'session', on: 'a' },
        load(example.type, example.key),
        ...modes.flatMap(({ mode, iv: hex }): Step[] => {
          const fields = { key: { saved: 'key' }, mode, iv: { hex } };
          const data = { hex: plaintext };
          const ciphertext = { hex: example[mode] };
          return [
            {
              ...{ do: 'call', on: 'a', command: 'aesEncrypt' },
              fields: { ...fields, data },
              result: { data: ciphertext },
            },
            {
              ...{ do: 'call', on: 'a', command: 'aesDecrypt' },
              fields: { ...fields, data: ciphertext },
              result: { data },
            },
          ];
        }),
      ],
    }),
  ),
  {
    name: 'gcm-known-answers',
    clause: 'commands/aes',
    title: 'GCM with initial values of 1, 12 and 128 bytes gives the answers of NIST.',
    steps: [{ do: 'session', on: 'a' }, ...gcmExamples.flatMap(gcmSteps)],
  },
];
