import { beforeAll, describe, expect, test } from 'vitest';
import type { CheckResult } from './guest/report.ts';
import { type BootOptions, type BootResult, bootGuest } from './harness/boot.ts';
import { exportDongles } from './harness/exported.ts';
import { complaints } from './harness/kernel-log.ts';
import { preparedKernel } from './harness/prepare.ts';

/** What a guest needs, besides a boot. */
export interface GuestOptions extends BootOptions {
  /**
   * So many dongles that run on this machine; the guest finds their address, `HOST:PORT`, in
   * LATCHKEY_USBIP.
   */
  readonly dongles?: number;
}

/**
 * Boots a guest and makes a test of each check that its program is to report, so that one that is
 * not reported fails. Skipped where no kernel has been prepared, unless LATCHKEY_REQUIRE_KERNEL=1.
 *
 * @param checks - names of the checks
 * @param expected - complaints of the kernel that the program provokes
 */
export function describeGuest(
  title: string,
  options: GuestOptions,
  checks: readonly string[],
  expected: readonly RegExp[] = [],
): void {
  const required = process.env['LATCHKEY_REQUIRE_KERNEL'] === '1';
  describe.skipIf(preparedKernel() === undefined && !required)(title, () => {
    let ran: BootResult | undefined;
    const results = new Map<string, CheckResult>();

    const guest = (): BootResult =>
      ran ?? expect.fail('the guest did not run; the reason is above');

    beforeAll(async () => {
      try {
        await using exported = await exportDongles(options.dongles ?? 0);
        const env = { ...options.env, LATCHKEY_USBIP: exported.address };
        ran = await bootGuest({ ...options, env, network: (options.dongles ?? 0) > 0 });
      } catch (error) {
        // Told once, as each test fails with it.
        console.error((error as Error).message);
        return;
      }
      for (const result of ran.results as CheckResult[]) results.set(result.name, result);
      console.log(`The guest ran for ${ran.seconds.toFixed(0)} s; its logs are in ${ran.folder}.`);
    }, options.timeoutMs + 120_000);

    test.each(checks)('%s', (name) => {
      const { folder } = guest();
      const result = results.get(name);
      if (result === undefined) expect.fail(`not reported; see ${folder}/console`);
      expect(result.failure).toBeUndefined();
      expect(result.ok).toBe(true);
    });

    test('the program reports nothing else and comes to its end', () => {
      expect(guest().exitCode).toBe(0);
      expect([...results.keys()].sort()).toEqual([...checks].sort());
    });

    test('the kernel makes no complaint', () => {
      expect(complaints(guest().log, expected)).toEqual([]);
    });
  });
}
