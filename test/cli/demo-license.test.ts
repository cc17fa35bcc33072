import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundle } from '../support/bundle.ts';

test('demo license goes through all its steps, and leaves nothing behind', async () => {
  const program = await bundle('cli-demo-license', 'src/cli/main.ts');
  const place = mkdtempSync(join(tmpdir(), 'latchkey-'));
  try {
    const { status, stdout } = spawnSync(process.execPath, [program, 'demo', 'license', '--json'], {
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: place, LATCHKEY_STATE: join(place, 'state') },
    });
    const report = JSON.parse(stdout);
    const names = [
      'vendor',
      'dongle',
      'sell',
      'protect',
      'three-runs',
      'fourth-run',
      'context',
      'update',
      'altered',
      'other-dongle',
      'apply',
      'again',
      'forked',
      'runs-go-on',
    ];
    expect(report).toEqual({
      ok: true,
      steps: names.map((name) => ({
        name,
        ok: true,
        ms: expect.any(Number),
        detail: expect.any(String),
      })),
    });
    const detailOf = (name: string) =>
      report.steps.find((step: { name: string }) => step.name === name).detail;
    expect(detailOf('fourth-run')).toContain('LICENSE_USED_UP');
    expect(detailOf('altered')).toContain('UPDATE_INVALID');
    expect(detailOf('other-dongle')).toContain('UPDATE_OTHER_DONGLE');
    expect(detailOf('forked')).toContain('UPDATE_FORKED');
    expect(status).toBe(0);
    expect(readdirSync(place)).toEqual([]);
  } finally {
    rmSync(place, { recursive: true });
  }
});
