import { fromHex } from '../../bytes.ts';
import type { TrustedRoot } from './root.ts';

/**
 * The root of every emulated dongle. Its private key is public on purpose (its seed is the SHA-256
 * of `latchkey TEST root`), so it proves nothing, and only trust stores that allow TEST roots take it.
 */
export const testRoot: TrustedRoot = {
  name: 'latchkey TEST root',
  publicKey: fromHex('1d9afdc9af2af9d1d9cae8fa788cfac24dc634aa29ceb15505469f886c3a285e'),
  test: true,
  vendors: 'any',
};
