import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from '#crypto';
import { issueUpdate } from '../vendor/issue-update.ts';
import { Ledger } from '../vendor/ledger.ts';
import { planUpdate } from '../vendor/plan-update.ts';
import { type ProtectedData, protectData } from '../vendor/protect.ts';
import { confirmReceipt, targetOf } from '../vendor/read-files.ts';
import { VendorFolder } from '../vendor/vendor-folder.ts';

/** What is sold in the demo. */
export const vendor = 7;
export const product = 100;

const passphrase = 'a passphrase that is no secret';

/** The vendor's side: its folder with keys and ledger, in a temporary place. */
export class Shop {
  #place = '';
  #folder!: VendorFolder;
  #ledger!: Ledger;

  async open(): Promise<void> {
    this.#place = await mkdtemp(join(tmpdir(), 'latchkey-demo-'));
    const names = { vendor, name: 'Acme', test: true };
    this.#folder = await VendorFolder.create(join(this.#place, 'acme'), names, passphrase);
    this.#ledger = await Ledger.open(this.#folder.ledger);
  }

  update(context: Uint8Array, plan: object): Promise<Uint8Array> {
    return this.#issue(this.#ledger, context, plan);
  }

  /** What somebody would issue from a copy of the ledger as it was after the first update. */
  async forkedUpdate(context: Uint8Array): Promise<Uint8Array> {
    const copy = join(this.#place, 'old copy');
    await cp(this.#folder.ledger, copy, { recursive: true, force: false });
    await using ledger = await Ledger.open(copy);
    return await this.#issue(ledger, context, {
      operations: [{ addUnits: { product, units: 999 } }],
    });
  }

  async #issue(ledger: Ledger, context: Uint8Array, plan: object): Promise<Uint8Array> {
    const target = await targetOf(context, await this.#folder.trust(), vendor);
    const planned = planUpdate(ledger, target, JSON.stringify(plan), suite.randomBytes);
    const signer = {
      vendor,
      key: await this.#folder.key('update', passphrase),
      certificate: await this.#folder.certificate('update'),
    };
    return (await issueUpdate(ledger, planned, signer, Date.now())).file;
  }

  async confirm(receipt: Uint8Array) {
    const at = new Date().toISOString();
    return confirmReceipt(this.#ledger, receipt, await this.#folder.trust(), vendor, at);
  }

  protect(data: Uint8Array): ProtectedData {
    const operations = this.#ledger.books.flatMap(({ issued }) =>
      issued.flatMap(({ update }) => update.operations),
    );
    const sold = operations.find(({ putLicense }) => putLicense?.product === product)?.putLicense;
    return protectData({ vendor, product, ...sold }, data);
  }

  async close(): Promise<void> {
    await this.#ledger?.[Symbol.asyncDispose]();
    if (this.#place !== '') await rm(this.#place, { recursive: true });
  }
}
