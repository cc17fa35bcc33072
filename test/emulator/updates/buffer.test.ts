import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/emulator/index.ts';
import {
  applyUpdate,
  beginUpdate,
  encodeRequest,
  writeUpdate,
} from '../../../src/protocol/commands/index.ts';
import { maxUpdateBytes } from '../../../src/protocol/updates/index.ts';
import { apply, bootChip, newFlash, send, stored } from './chip.ts';
import { begin } from './outcomes.ts';
import { sample } from './sample.ts';

describe('the place where a file is put together', () => {
  test('takes parts in their order alone, and applies nothing that is not whole', async () => {
    const { chip, file } = await sample();
    expect(await chip.call(applyUpdate, {})).toMatchObject({ code: 'INVALID_ARGUMENT' });
    await chip.call(beginUpdate, { size: file.length });
    const part = (offset: number, to: number) =>
      chip.call(writeUpdate, { offset, data: file.subarray(offset, to) });
    expect(await part(10, 20)).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await part(0, 1000)).toMatchObject({ ok: true });
    expect(await part(0, 1000)).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await chip.call(applyUpdate, {})).toMatchObject({ code: 'INVALID_ARGUMENT' });
    const longer = new Uint8Array(file.length - 999);
    expect(await chip.call(writeUpdate, { offset: 1000, data: longer })).toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect(await part(1000, file.length)).toMatchObject({ ok: true });
    expect(await chip.call(applyUpdate, {})).toMatchObject({ value: { applied: 2 } });
  });

  test('is of one session, and goes with it', async () => {
    const { chip, file } = await sample();
    const other = chip.anotherSession();
    await send(chip, file);
    const data = file.subarray(0, 1);
    expect(await chip.call(writeUpdate, { offset: 0, data }, other)).toMatchObject({ ok: false });
    expect(await chip.call(applyUpdate, {}, other)).toMatchObject({ ok: false });
    chip.endSession(chip.session);
    expect(await chip.call(applyUpdate, {})).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await chip.call(beginUpdate, { size: 1 }, other)).toMatchObject({ ok: true });
  });

  test('takes the largest file, and none of no size', async () => {
    const { chip } = await begin();
    expect(await chip.call(beginUpdate, { size: maxUpdateBytes + 512 })).toMatchObject({
      ok: true,
    });
    expect(await chip.call(beginUpdate, { size: 0 })).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('an update that is under way', () => {
  test('is not applied once its host has withdrawn it', async () => {
    const { chip, file } = await sample();
    const before = stored(chip);
    await send(chip, file);
    const call = chip.give(encodeRequest(applyUpdate, {}));
    call.withdraw();
    await call.reply;
    await settled();
    expect(stored(chip)).toEqual(before);
    expect(await apply(chip, file)).toMatchObject({ applied: 2 });
  });

  test('is not applied once the power has gone', async () => {
    const { chip, file } = await sample();
    const before = stored(chip);
    await send(chip, file);
    chip.give(encodeRequest(applyUpdate, {}));
    chip.power.cut();
    await settled();
    expect(stored(chip)).toEqual(before);
    const again = await bootChip(chip.flash);
    expect(await apply(again, file)).toMatchObject({ applied: 2 });
  });

  test('keeps others from theirs until it is done', async () => {
    const { chip, file } = await sample();
    const other = chip.anotherSession();
    const begin = () => chip.call(beginUpdate, { size: file.length }, other);
    await send(chip, file);
    expect(await begin()).toMatchObject({ code: 'BUSY' });
    const call = chip.give(encodeRequest(applyUpdate, {}));
    expect(await begin()).toMatchObject({ code: 'BUSY' });
    // Nor is the memory free while work goes on that nobody waits for any more.
    chip.endSession(chip.session);
    expect(await begin()).toMatchObject({ code: 'BUSY' });
    expect((await call.reply)[0]).toBe(0);
    expect(await begin()).toMatchObject({ ok: true });
  });

  test('that was forgotten gives way after ten seconds', async () => {
    const clock = new VirtualClock();
    const chip = await bootChip(await newFlash(), { clock });
    await chip.call(beginUpdate, { size: 100 });
    const begin = () => chip.call(beginUpdate, { size: 100 }, chip.anotherSession());
    await clock.advance(9_999);
    expect(await begin()).toMatchObject({ code: 'BUSY' });
    await clock.advance(1);
    expect(await begin()).toMatchObject({ ok: true });
  });
});

/** All that has begun has come to its end. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
