import { suite } from '#crypto';
import { readManufactureBlock } from '../../src/emulator/firmware/manufacture-block.ts';
import type { EmulatedDongle } from '../../src/emulator/index.ts';
import { testRootKey } from '../../src/emulator/manufacture.ts';
import { issueIssuerCertificate } from '../../src/protocol/certificates/index.ts';
import { signTime } from '../../src/protocol/updates/index.ts';

/**
 * The time server of an emulated dongle's vendor: it certifies a time, the machine's unless given, for
 * a nonce of that dongle.
 */
export function testTimeServer({ board }: EmulatedDongle) {
  return async (nonce: Uint8Array, time = Date.now()): Promise<Uint8Array> => {
    const made = readManufactureBlock(board.flash);
    if (!made.ok) throw new Error(made.detail);
    const { publicKey } = await suite.importDhKey(made.value.staticKey);
    const key = await suite.importSigningKey(suite.sha256(new Uint8Array([9])));
    const issuer = await issueIssuerCertificate(await testRootKey(), {
      ...{ purpose: 'time', vendors: [made.value.vendor], test: true, name: 'Clock' },
      publicKey: key.publicKey,
    });
    const dongle = suite.sha256(publicKey);
    return signTime(issuer, key, { dongle, nonce, time: Math.floor(time / 1000) });
  };
}
