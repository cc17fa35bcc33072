import { suite } from '#crypto';
import { utf8 } from '../../../src/bytes.ts';
import type { SigningKey } from '../../../src/crypto/suite.ts';
import { testRootKey } from '../../../src/emulator/manufacture.ts';
import type { IssuerCertificate } from '../../../src/protocol/certificates/certificate.ts';
import { issueIssuerCertificate } from '../../../src/protocol/certificates/index.ts';
import { openSign1 } from '../../../src/protocol/cose.ts';
import {
  fileKinds,
  type Operation,
  openContext,
  sealUpdates,
  signUpdate,
  type Update,
  type UpdateHeader,
  updateIdOf,
} from '../../../src/protocol/updates/index.ts';
import { testTrust } from '../../support/rig.ts';
import type { Chip } from './chip.ts';

const zeros = new Uint8Array(32);

/** An update and its id. */
export interface Signed {
  readonly signed: Uint8Array;
  readonly id: Uint8Array;
  readonly number: number;
}

/** A vendor with a key for updates. */
export class Shop {
  readonly vendor: number;
  readonly issuer: Uint8Array;
  readonly key: SigningKey;

  private constructor(vendor: number, issuer: Uint8Array, key: SigningKey) {
    this.vendor = vendor;
    this.issuer = issuer;
    this.key = key;
  }

  static async open(
    vendor = 1,
    {
      purpose = 'update' as IssuerCertificate['purpose'],
      vendors = [vendor],
      root = undefined as SigningKey | undefined,
    } = {},
  ): Promise<Shop> {
    const key = await suite.importSigningKey(suite.sha256(utf8(`update key of ${vendor}`)));
    const issuer = await issueIssuerCertificate(root ?? (await testRootKey()), {
      ...{ purpose, vendors, test: true },
      ...{ publicKey: key.publicKey, name: `vendor ${vendor}` },
    });
    return new Shop(vendor, issuer, key);
  }

  /** Signs the update that follows another one. */
  async sign(
    dongle: Uint8Array,
    operations: readonly Operation[],
    after?: Pick<Signed, 'id' | 'number'>,
    changed: Partial<Update> = {},
    key = this.key,
  ): Promise<Signed> {
    const update: Update = {
      ...{ version: 1, vendor: this.vendor, dongle },
      ...{ number: (after?.number ?? 0) + 1, previous: after?.id ?? zeros },
      ...{ issuedAt: 1_767_225_600, operations, ...changed },
    };
    const signed = await signUpdate(key, update);
    const sign1 = openSign1(signed);
    if (!sign1.ok) throw new Error(sign1.detail);
    return { signed, id: updateIdOf(sign1.value.payload), number: update.number };
  }

  /** Seals updates to a dongle: to a context, or without one. */
  seal(header: UpdateHeader, updates: readonly Signed[]): Promise<Uint8Array> {
    return sealUpdates({
      ...{ header, issuer: this.issuer },
      updates: updates.map(({ signed }) => signed),
    });
  }

  /** The header of an answer to a context. */
  async answerTo(context: Uint8Array): Promise<UpdateHeader> {
    const opened = await openContext(context, await testTrust());
    if (!opened.ok) throw new Error(opened.detail);
    const { dongle, oneTimeKey: recipient } = opened.value.context;
    const { vendor } = this;
    return { ...{ kind: fileKinds.update, vendor, dongle }, answers: 'context', recipient };
  }

  /** The header of an update that answers no context. */
  push({ dongleId, staticPublicKey }: Chip): UpdateHeader {
    const { vendor } = this;
    return {
      ...{ kind: fileKinds.update, vendor, dongle: dongleId },
      ...{ answers: 'push', recipient: staticPublicKey },
    };
  }
}
