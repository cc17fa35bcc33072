import { connect } from '../client/connect.ts';
import type { Dongle } from '../client/dongle.ts';
import type { LoopbackPort } from '../emulator/index.ts';
import type { ProtectedData } from '../vendor/protect.ts';
import { product, vendor } from './demo-shop.ts';
import { expect } from './demo-steps.ts';
import { plugEmulated } from './emulated.ts';
import { trustFrom } from './trust.ts';

/** What the protected software computes with. */
export const secretText = 'what the feature computes with';

/** The customer's side: the dongle, and another one. */
export class Desk {
  dongle!: Dongle;
  other!: Dongle;
  readonly #ports: LoopbackPort[] = [];

  async plug(): Promise<void> {
    this.dongle = await this.#connect();
    this.other = await this.#connect();
    expect((await this.dongle.licenses.list()).length === 0, 'it has licenses');
  }

  async #connect(): Promise<Dongle> {
    const port = await plugEmulated({});
    this.#ports.push(port);
    return connect(port.source('hid'), { trust: await trustFrom({}) });
  }

  /** Runs the feature once, and tells how many runs are left. */
  async run(payload: ProtectedData): Promise<number | undefined> {
    const data = await this.dongle.licenses.decrypt({ vendor, product, features: 1, ...payload });
    expect(new TextDecoder().decode(data) === secretText, 'the chip decrypted something else');
    return this.unitsLeft();
  }

  async unitsLeft(): Promise<number | undefined> {
    return (await this.dongle.licenses.check({ vendor, product })).unitsLeft;
  }

  async close(): Promise<void> {
    await this.dongle?.close();
    await this.other?.close();
    for (const port of this.#ports) port.unplug();
  }
}
