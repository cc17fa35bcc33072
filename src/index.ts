// The browser-safe entry: everything that a page or a program needs to use a dongle.

export { type Aes, type AesOperation, fixedAesKey } from './client/aes.ts';
export type { CallOptions } from './client/call-options.ts';
export { type ConnectOptions, connect, type HelloOptions, hello } from './client/connect.ts';
export type { Dongle } from './client/dongle.ts';
export type { Rsa, RsaKeyReference, RsaPublicKey, RsaSigning } from './client/rsa.ts';
export { type Clock, systemClock } from './clock.ts';
export type { DhKey, MaybePromise } from './crypto/suite.ts';
export {
  DongleError,
  type ErrorCode,
  type ErrorLayer,
  errorTable,
  type Outcome,
  type Retry,
} from './errors.ts';
export type { FaceName, Link, LinkListener, LinkSource, PacketBatch } from './link.ts';
export {
  type Capability,
  createTrustStore,
  type DongleIdentity,
  type Pin,
  parseRoot,
  type TrustedRoot,
  type TrustOptions,
  type TrustStore,
  testRoot,
} from './protocol/certificates/index.ts';
export type { HelloResponse } from './protocol/channel/index.ts';
