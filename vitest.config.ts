import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** They do one thing a great many times, which takes a minute or two: in CI, not in `npm test`. */
const thorough = [
  'test/known-answers/**/*.test.ts',
  'test/crypto/key-generation.test.ts',
  'test/host/kills.test.ts',
  'test/emulator/updates/{bits,fuzz}.test.ts',
];

export default defineConfig({
  resolve: {
    alias: { '#crypto': fileURLToPath(new URL('./src/crypto/node.ts', import.meta.url)) },
  },
  test: {
    // Two processors are two workers; otherwise one would be left to the reports.
    maxWorkers: '100%',
    testTimeout: process.env['LATCHKEY_LONG'] === undefined ? 60_000 : 3_600_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'process',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{kernel,faults}/**', ...thorough],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'thorough', include: thorough, sequence: { groupOrder: 0 } },
      },
      {
        // Whether the tests would find mistakes; not in `npm test`, as it takes as long as they do.
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        // After all others: the virtual machine takes the processors it can get.
        extends: true,
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          globalSetup: ['test/kernel/tell-how-to-prepare.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
