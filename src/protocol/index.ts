export { suite } from '#crypto';
export type { Aead, CryptoSuite, DhKey, MaybePromise, SigningKey } from '../crypto/suite.ts';
export * from './certificates/index.ts';
export * from './channel/index.ts';
export * from './commands/index.ts';
export * from './noise/index.ts';
export * from './packets/index.ts';
export * from './schema/index.ts';
