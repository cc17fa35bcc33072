import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toHex } from '../../src/bytes.ts';
import { machineIds } from '../../src/host/machine-id.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'latchkey-machine-'));
});

afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const board = 'sys/firmware/devicetree/base/serial-number';
const dmi = 'sys/class/dmi/id/product_uuid';
const system = 'etc/machine-id';
const ids = async (environment = {}) => (await machineIds(root, environment)).map(toHex);

describe.runIf(process.platform === 'linux')('a machine', () => {
  test('has as many ids as this program may read, each hashed', async () => {
    put(system, '0123456789abcdef0123456789abcdef\n');
    const [alone] = await ids();
    // HMAC-SHA-256 under the key "latchkey machine id" of "system 0123…", by another implementation.
    expect(alone).toBe('c170721208a2e55f');
    put(dmi, '4C4C4544-0042-3510-8053-B4C04F4D3332\n');
    put(board, '10000000a1b2c3d4\0');
    const all = await ids();
    expect(all).toHaveLength(3);
    expect(all).toContain(alone);
    expect(new Set(all).size).toBe(3);
  });

  test('is the same however its firmware writes the UUID', async () => {
    put(dmi, '4C4C4544-0042-3510-8053-B4C04F4D3332\n');
    const upper = await ids();
    put(dmi, '4c4c4544-0042-3510-8053-b4c04f4d3332');
    expect(await ids()).toEqual(upper);
  });

  test.each([
    ['nothing', ''],
    ['zeros', '00000000-0000-0000-0000-000000000000'],
    ['ones', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'],
    ['what a maker of boards forgot to change', '03000200-0400-0500-0006-000700080009'],
  ])('of which the firmware says %s has no id by that', async (_name, uuid) => {
    put(dmi, `${uuid}\n`);
    expect(await ids()).toEqual([]);
  });

  test('that was not set up yet has none', async () => {
    put(system, 'uninitialized\n');
    expect(await ids()).toEqual([]);
  });

  test.each([
    ['Docker', () => put('.dockerenv', '')],
    ['Podman', () => put('run/.containerenv', '')],
    ['systemd-nspawn', () => put('run/systemd/container', 'systemd-nspawn')],
    ['control groups', () => put('proc/1/cgroup', '5:cpu:/kubepods/besteffort/pod1\n')],
  ])('is not told from inside a container of %s', async (_name, mark) => {
    put(system, '0123456789abcdef0123456789abcdef\n');
    expect(await ids()).toHaveLength(1);
    mark();
    expect(await ids()).toEqual([]);
  });

  test.each([{ container: 'lxc' }, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }])(
    'is not told where a variable says that this is a container: %j',
    async (environment) => {
      put(system, '0123456789abcdef0123456789abcdef\n');
      expect(await ids(environment)).toEqual([]);
    },
  );
});
