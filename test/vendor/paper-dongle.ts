import { suite } from '#crypto';
import { utf8 } from '../../src/bytes.ts';
import type { DhKey } from '../../src/crypto/suite.ts';
import { testRootKey } from '../../src/emulator/manufacture.ts';
import {
  encodeChain,
  issueDeviceCertificate,
  issueIssuerCertificate,
} from '../../src/protocol/certificates/index.ts';
import { openSign1 } from '../../src/protocol/cose.ts';
import { decode } from '../../src/protocol/schema/index.ts';
import {
  type Context,
  type Receipt,
  readUpdateFile,
  signContext,
  signReceipt,
  unsealUpdates,
  updateSchema,
} from '../../src/protocol/updates/index.ts';

/**
 * What a dongle would say and read, without one: its contexts and receipts say what a test wants, and
 * it opens what is sealed to it.
 */
export class PaperDongle {
  readonly serial: string;
  readonly #staticKey: DhKey;
  readonly #signingSeed: Uint8Array;
  readonly #chain: Uint8Array;
  readonly #oneTimeKeys: DhKey[] = [];

  private constructor(
    serial: string,
    staticKey: DhKey,
    signingSeed: Uint8Array,
    chain: Uint8Array,
  ) {
    this.serial = serial;
    this.#staticKey = staticKey;
    this.#signingSeed = signingSeed;
    this.#chain = chain;
  }

  /** A dongle under the TEST root, whose keys follow from its serial. */
  static async make(serial: string): Promise<PaperDongle> {
    const staticKey = await suite.importDhKey(suite.sha256(utf8(`static ${serial}`)));
    const signingSeed = suite.sha256(utf8(`signing ${serial}`));
    const issuerKey = await suite.importSigningKey(suite.sha256(utf8('paper issuer')));
    const issuer = await issueIssuerCertificate(await testRootKey(), {
      purpose: 'issue',
      vendors: [1],
      test: true,
      publicKey: issuerKey.publicKey,
      name: 'paper issuer',
    });
    const device = await issueDeviceCertificate(issuerKey, {
      vendor: 1,
      serial,
      model: 'Paper',
      key: staticKey.publicKey,
      capabilities: ['licenses'],
      minimumProtocol: 1,
      signingKey: (await suite.importSigningKey(signingSeed)).publicKey,
    });
    return new PaperDongle(serial, staticKey, signingSeed, encodeChain(issuer, device));
  }

  get id(): Uint8Array {
    return suite.sha256(this.#staticKey.publicKey);
  }

  /** A context file. */
  async context(says: Partial<Context> = {}): Promise<Uint8Array> {
    const oneTimeKey = await suite.generateDhKey();
    this.#oneTimeKeys.push(oneTimeKey);
    return signContext(await this.#speaker(), {
      version: 1,
      serial: this.serial,
      dongle: this.id,
      oneTimeKey: oneTimeKey.publicKey,
      poweredMs: 1000,
      vendors: [],
      licenses: [],
      ...says,
    });
  }

  /** A receipt file. */
  async receipt(state: Receipt['state'], licenses: Receipt['licenses'] = []): Promise<Uint8Array> {
    return signReceipt(await this.#speaker(), {
      version: 1,
      serial: this.serial,
      dongle: this.id,
      state,
      poweredMs: 1000,
      licenses,
    });
  }

  async #speaker() {
    return { key: await suite.importSigningKey(this.#signingSeed), chain: this.#chain };
  }

  /** Opens an update file with whichever of its keys it is sealed to. */
  async open(file: Uint8Array) {
    const outer = unwrap(readUpdateFile(file));
    for (const key of [this.#staticKey, ...this.#oneTimeKeys]) {
      const opened = await unsealUpdates(outer, key);
      if (!opened.ok) continue;
      const { issuer, updates: signed } = opened.value;
      const updates = signed.map((each) =>
        unwrap(decode(updateSchema, unwrap(openSign1(each)).payload)),
      );
      return { header: outer.header, issuer, updates, signed };
    }
    return undefined;
  }
}

function unwrap<Value>(result: { ok: true; value: Value } | { ok: false; detail: string }): Value {
  if (!result.ok) throw new Error(result.detail);
  return result.value;
}
