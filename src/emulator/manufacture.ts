import { suite } from '#crypto';
import { toHex, utf8 } from '../bytes.ts';
import type { MaybePromise, SigningKey } from '../crypto/suite.ts';
import { DongleError } from '../errors.ts';
import {
  capabilitiesToBits,
  encodeChain,
  issueDeviceCertificate,
  issueIssuerCertificate,
} from '../protocol/certificates/index.ts';
import type { License } from '../protocol/licenses/index.ts';
import { encode } from '../protocol/schema/index.ts';
import type { Flash } from './board/flash.ts';
import type { RandomSource } from './board/random.ts';
import type { SeatRow } from './firmware/licenses/index.ts';
import { writeManufactureBlock } from './firmware/manufacture-block.ts';
import type { PartitionPlan } from './firmware/memory/index.ts';
import { defaultRules, type Rules, rulesSchema } from './firmware/ownership/index.ts';
import { Store } from './firmware/store/store.ts';
import { firstLicenses } from './first-licenses.ts';
import { demoPartitions, firstPartitions } from './first-partitions.ts';
import { type ModelName, models, usualModel } from './models.ts';

/** The vendor of emulated dongles. */
const testVendor = 1;

/** What a dongle may be made with. */
export interface ManufactureOptions {
  /** The best that the flash holds unless given. */
  readonly model?: ModelName | undefined;
  /** Thresholds of the contracts, in place of the usual ones. */
  readonly rules?: Partial<Rules> | undefined;
  /** Its partitions; one for demonstrations unless given, see `demoPasswords`. */
  readonly partitions?: readonly PartitionPlan[] | undefined;
  /** Its licenses, of its own vendor; none unless given. */
  readonly licenses?: readonly License[] | undefined;
  /** The license table: seats of applications, 255 for as many as like; empty unless given. */
  readonly seats?: readonly SeatRow[] | undefined;
}

/**
 * Makes a dongle of erased flash: gives it keys and a certificate under the TEST root, whose
 * private keys are public on purpose. A production trust store refuses it.
 *
 * @param serial - 1 to 32 printable ASCII characters; random unless given
 * @throws DongleError `INVALID_ARGUMENT` for another serial, impossible thresholds, partitions or
 * licenses, or a model that needs more flash, `NO_SPACE` for more partitions, memory or licenses than
 * the model has; and then nothing is written
 */
export async function manufacture(
  flash: Flash,
  random: RandomSource,
  serial = `LK-${toHex(random(4)).toUpperCase()}`,
  options: ManufactureOptions = {},
): Promise<void> {
  if (!/^[\x20-\x7e]{1,32}$/.test(serial)) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      'A serial has 1 to 32 printable ASCII characters; give another one.',
    );
  }
  const rules = { ...defaultRules, ...options.rules };
  checkRules(rules);
  const model = models[options.model ?? usualModel(flash)];
  if (flash.pageBytes * flash.pageCount < model.flash.pageBytes * model.flash.pageCount) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      `The model ${model.name} needs more flash than this; give it a larger one.`,
    );
  }
  const { partitions = demoPartitions(model) } = options;
  const firstChanges = [
    ...firstPartitions(model, partitions, testVendor, random),
    ...firstLicenses(model, options.licenses ?? [], options.seats ?? [], testVendor),
  ];
  const rootKey = await testRootKey();
  const issuerKey = await suite.importSigningKey(suite.sha256(utf8('latchkey TEST issuer')));
  const staticKey = random(32);
  const { publicKey } = await suite.importDhKey(staticKey);
  const signingKey = random(32);
  const { publicKey: verifyingKey } = await suite.importSigningKey(signingKey);
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
    model: model.name,
    key: publicKey,
    capabilities: model.capabilities,
    minimumProtocol: 1,
    signingKey: verifyingKey,
  });
  writeManufactureBlock(flash, {
    serial,
    vendor: testVendor,
    model: model.name,
    staticKey,
    chain: encodeChain(issuer, device),
    aesKey: random(32),
    rules,
    signingKey,
    root: rootKey.publicKey,
    capabilities: capabilitiesToBits(model.capabilities),
    memoryBytes: model.memoryBytes,
    keys: model.keys,
    licenses: model.licenses,
  });
  Store.format(flash);
  const store = Store.open(flash);
  // An empty store takes what the model promises.
  if (!(store.ok && store.value.commit(firstChanges).ok)) throw new DongleError('DEVICE_FAULT');
}

/** The private key of the TEST root, which is public on purpose: it certifies what proves nothing. */
export function testRootKey(): MaybePromise<SigningKey> {
  return suite.importSigningKey(suite.sha256(utf8('latchkey TEST root')));
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
