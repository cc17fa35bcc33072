import { prepareCommand, preparedKernel } from './harness/prepare.ts';

/** Says once how to get the kernel tests that are skipped. */
export function setup(): void {
  if (preparedKernel() !== undefined || process.env['LATCHKEY_REQUIRE_KERNEL'] === '1') return;
  console.log(`The tests on a real kernel are skipped; to run them: ${prepareCommand}`);
}
