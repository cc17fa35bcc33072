import { appendFileSync } from 'node:fs';

/** What became of one check in the guest: a line of the results. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly failure?: string;
}

/** Hands a result to the host. */
export function report(result: CheckResult): void {
  appendFileSync(process.env['LATCHKEY_RESULTS'] ?? '/dev/stdout', `${JSON.stringify(result)}\n`);
  const outcome = result.ok ? 'ok' : `FAILED: ${result.failure}`;
  console.log(`${(process.uptime()).toFixed(1)} s  ${result.name} (${result.ms} ms): ${outcome}`);
}

/** Does a check within the time given, and reports what came of it. Never rejects. */
export async function check(name: string, act: () => unknown, timeoutMs = 40_000): Promise<void> {
  const startMs = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${timeoutMs} ms`)), timeoutMs);
  });
  let failure: string | undefined;
  try {
    await Promise.race([act(), late]);
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  clearTimeout(timer);
  const ms = Math.round(performance.now() - startMs);
  report(failure === undefined ? { name, ok: true, ms } : { name, ok: false, ms, failure });
}
