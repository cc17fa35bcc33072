import { utf8 } from '../bytes.ts';
import type { ErrorCode } from '../errors.ts';
import type { ProtectedData } from '../vendor/protect.ts';
import { Desk, secretText } from './demo-desk.ts';
import { product, Shop } from './demo-shop.ts';
import { codeOf, type Demo, type DemoStep, expect } from './demo-steps.ts';

/** How runs of a feature are sold, used up, and sold again by files. */
export function license(): Demo {
  const shop = new Shop();
  const desk = new Desk();
  let payload: ProtectedData;
  let context: Uint8Array;
  let moreRuns: Uint8Array;
  let forked: Uint8Array;

  const steps: DemoStep[] = [
    {
      name: 'vendor',
      async run() {
        await shop.open();
        return 'a vendor makes its keys, encrypted on disk, under the TEST root';
      },
    },
    {
      name: 'dongle',
      async run() {
        await desk.plug();
        return `a customer plugs dongle ${desk.dongle.identity.serial} in; it has no licenses`;
      },
    },
    {
      name: 'sell',
      async run() {
        const plan = {
          operations: [
            { nameVendor: 'Acme' },
            {
              putLicense: {
                product,
                text: 'Acme CAD',
                features: [0],
                units: 3,
                secret: 'random:32',
              },
            },
          ],
        };
        const file = await shop.update(await desk.dongle.update.context(), plan);
        const { receipt, applied } = await desk.dongle.update.apply(file);
        expect(applied === 1, `${applied} updates were applied`);
        const { number } = await shop.confirm(receipt);
        return `context, update ${number} with 3 runs of a feature, receipt: the ledger knows that it is there`;
      },
    },
    {
      name: 'protect',
      async run() {
        payload = shop.protect(utf8(secretText));
        return `the vendor encrypts ${payload.data.length} bytes for the license; its secret is on the chip and in the ledger alone`;
      },
    },
    {
      name: 'three-runs',
      async run() {
        for (const left of [2, 1, 0])
          expect((await desk.run(payload)) === left, `not ${left} left`);
        return 'the chip takes a unit and decrypts, three times: 2, 1, 0 runs left';
      },
    },
    {
      name: 'fourth-run',
      async run() {
        return `the fourth is refused by the chip (${await refusal(desk.run(payload), 'LICENSE_USED_UP')})`;
      },
    },
    {
      name: 'context',
      async run() {
        context = await desk.dongle.update.context();
        return `the customer sends a context: ${context.length} bytes, signed by the dongle`;
      },
    },
    {
      name: 'update',
      async run() {
        // What another ledger would make of the same context, once it has parted from this one.
        forked = await shop.forkedUpdate(await desk.dongle.update.context());
        moreRuns = await shop.update(context, {
          operations: [{ addUnits: { product, units: 10 } }],
        });
        return `the vendor sells 10 more runs: ${moreRuns.length} bytes, signed and sealed to this dongle`;
      },
    },
    {
      name: 'altered',
      async run() {
        const altered = moreRuns.slice();
        altered[altered.length - 1] = (altered.at(-1) as number) ^ 1;
        return `with one bit altered, it is refused (${await refusal(desk.dongle.update.apply(altered), 'UPDATE_INVALID')})`;
      },
    },
    {
      name: 'other-dongle',
      async run() {
        return `another dongle refuses it (${await refusal(desk.other.update.apply(moreRuns), 'UPDATE_OTHER_DONGLE')})`;
      },
    },
    {
      name: 'apply',
      async run() {
        const { receipt, applied } = await desk.dongle.update.apply(moreRuns);
        expect(applied === 1, `${applied} updates were applied`);
        const { news } = await shop.confirm(receipt);
        expect(news.join() === '2', `the receipt confirms ${news}`);
        return 'applied, and its receipt confirmed in the ledger: 10 runs left';
      },
    },
    {
      name: 'again',
      async run() {
        const { receipt, applied } = await desk.dongle.update.apply(moreRuns);
        expect(applied === 0, `${applied} updates were applied`);
        expect((await desk.unitsLeft()) === 10, 'the units have changed');
        expect(
          (await shop.confirm(receipt)).news.length === 0,
          'the receipt confirms something new',
        );
        return 'the same file again: 0 applied, still 10 runs, and the receipt again';
      },
    },
    {
      name: 'forked',
      async run() {
        const code = await refusal(desk.dongle.update.apply(forked), 'UPDATE_FORKED');
        const late = shop.forkedUpdate(await desk.dongle.update.context());
        expect((await codeOf(late)) === 'UPDATE_FORKED', 'the old ledger goes on');
        return `an update with the same number from an old copy of the ledger is refused (${code}), and that copy hears it from the next context`;
      },
    },
    {
      name: 'runs-go-on',
      async run() {
        expect((await desk.run(payload)) === 9, 'not 9 left');
        return 'the payload is decrypted again: 9 runs left';
      },
    },
  ];
  return {
    title: 'latchkey demo license: runs of a feature, sold by files and counted by the chip',
    steps,
    async clear() {
      await desk.close();
      await shop.close();
    },
  };
}

/** The code that a call is refused with, which must be this one. */
async function refusal(call: Promise<unknown>, expected: ErrorCode): Promise<ErrorCode> {
  const code = await codeOf(call);
  expect(code === expected, `it was ${code ?? 'not refused'}`);
  return expected;
}
