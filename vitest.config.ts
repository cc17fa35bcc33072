import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

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
          exclude: ['test/kernel/**'],
          sequence: { groupOrder: 0 },
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
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
