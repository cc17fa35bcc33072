import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { plugDongle, testTrust } from '../support/rig.ts';

// The default runtime is opened once in a process, so its folder is chosen before.
const folder = join(mkdtempSync(join(tmpdir(), 'latchkey-node-')), 'state');
process.env['LATCHKEY_STATE'] = folder;
const { connect, DongleError } = await import('../../src/node.ts');
const { connect: connectInPage } = await import('../../src/index.ts');

afterAll(() => rmSync(join(folder, '..'), { recursive: true }));

test('without a runtime the machine is one, which is made when a dongle is there', async () => {
  const trust = await testTrust();
  const { port } = await plugDongle({ serial: `LK-NODE-${process.pid}` });
  port.unplug();
  await expect(connect(port.source('hid'), { trust })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(existsSync(folder)).toBe(false);
  await port.plug();
  const first = await connect(port.source('hid'), { trust });
  expect(readdirSync(folder)).toHaveLength(2);
  // Of one process, one runtime: the second comes by invitation.
  const second = await connect(port.source('hid'), { trust });
  expect([first.epoch, second.epoch]).toEqual([1, 1]);
  // The runtime in memory is another one.
  const refusal = await connectInPage(port.source('hid'), { trust }).catch((error) => error);
  expect(refusal).toBeInstanceOf(DongleError);
  expect(refusal.code).toBe('BOUND_ELSEWHERE');
  await first.close();
  await second.close();
});
