import { suite } from '#crypto';
import { toHex, utf8 } from '../bytes.ts';
import { DongleError } from '../errors.ts';
import {
  encodeChain,
  issueDeviceCertificate,
  issueIssuerCertificate,
} from '../protocol/certificates/index.ts';
import { encode } from '../protocol/schema/index.ts';
import type { Flash } from './board/flash.ts';
import type { RandomSource } from './board/random.ts';
import { writeManufactureBlock } from './firmware/manufacture-block.ts';
import { defaultRules, type Rules, rulesSchema } from './firmware/ownership/index.ts';
import { Store } from './firmware/store/store.ts';

/** The vendor of emulated dongles. */
const testVendor = 1;

/** The model of emulated dongles. */
const testModel = 'Emulated';

/**
 * Makes a dongle of erased flash: gives it keys and a certificate under the TEST root, whose
 * private keys are public on purpose. A production trust store refuses it.
 *
 * @param serial - 1 to 32 printable ASCII characters; random unless given
 * @param options - thresholds of the contracts, in place of the usual ones
 * @throws DongleError `INVALID_ARGUMENT` for another serial or impossible thresholds, and then nothing
 * is written
 */
export async function manufacture(
  flash: Flash,
  random: RandomSource,
  serial = `LK-${toHex(random(4)).toUpperCase()}`,
  options: { readonly rules?: Partial<Rules> | undefined } = {},
): Promise<void> {
  if (!/^[\x20-\x7e]{1,32}$/.test(serial)) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      'A serial has 1 to 32 printable ASCII characters; give another one.',
    );
  }
  const rules = { ...defaultRules, ...options.rules };
  checkRules(rules);
  const rootKey = await suite.importSigningKey(suite.sha256(utf8('latchkey TEST root')));
  const issuerKey = await suite.importSigningKey(suite.sha256(utf8('latchkey TEST issuer')));
  const staticKey = random(32);
  const { publicKey } = await suite.importDhKey(staticKey);
  const issuer = await issueIssuerCertificate(rootKey, {
    purpose: 'issue',
    vendors: [testVendor],
    test: true,
    publicKey: issuerKey.publicKey,
    name: 'latchkey TEST issuer',
  });
  const device = await issueDeviceCertificate(issuerKey, {
    vendor: testVendor,
    serial,
    model: testModel,
    key: publicKey,
    capabilities: ['aes', 'rsa'],
    minimumProtocol: 1,
  });
  writeManufactureBlock(flash, {
    serial,
    vendor: testVendor,
    model: testModel,
    staticKey,
    chain: encodeChain(issuer, device),
    aesKey: random(32),
    rules,
  });
  Store.format(flash);
}

function checkRules(rules: Rules): void {
  const { takeovers, allTakeovers } = rules;
  try {
    encode(rulesSchema, rules);
  } catch (cause) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      'A rule is out of range: counts are 1 to 64, times 1 to 4294967295 ms; give other rules.',
      { cause },
    );
  }
  if (takeovers.withinMs > allTakeovers.withinMs) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      'All takeovers are counted for as long as those without END, or longer; give allTakeovers a withinMs that is no shorter.',
    );
  }
}
