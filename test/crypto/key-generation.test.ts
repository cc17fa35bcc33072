import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { bundle } from '../support/bundle.ts';

// Exporting a generated key while the garbage collector runs can stop Node 20 for good. A small
// semi-space makes the collector run all the time.
test('500,000 key generations under a 1 MB semi-space do not hang', {
  timeout: 150_000,
}, async () => {
  const program = await bundle('generate-keys', 'test/support/generate-keys.ts');
  const { stdout, signal } = spawnSync(process.execPath, ['--max-semi-space-size=1', program], {
    encoding: 'utf8',
    timeout: 140_000,
  });
  expect({ stdout, signal }).toEqual({ stdout: 'done\n', signal: null });
});
