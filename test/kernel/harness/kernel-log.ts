import { logMarks } from './init.ts';

/** A line of the kernel's log. */
export interface LogLine {
  /** 0 is an emergency, 4 a warning, 6 news, 7 for debugging. */
  readonly level: number;
  /** Since the kernel started. */
  readonly seconds: number;
  readonly text: string;
}

/** Lines at this level or below are complaints. */
const warning = 4;

/** Reads what /dev/kmsg gave (Documentation/ABI/testing/dev-kmsg). */
export function parseKernelLog(text: string): LogLine[] {
  const record = /^(\d+),\d+,(\d+),[^;]*;(.*)$/gm;
  return [...text.matchAll(record)].map(([, priority, microseconds, message = '']) => ({
    level: Number(priority) & 7,
    seconds: Number(microseconds) / 1e6,
    text: message,
  }));
}

/**
 * The lines between the harness's marks that are warnings or worse.
 *
 * @param expected - those that match one of these are left out
 */
export function complaints(
  log: readonly LogLine[],
  expected: readonly RegExp[] = [],
): readonly LogLine[] {
  const begin = log.findIndex(({ text }) => text === logMarks.begin);
  const end = log.findIndex(({ text }) => text === logMarks.end);
  return log
    .slice(begin + 1, end)
    .filter(({ level, text }) => level <= warning && !expected.some((each) => each.test(text)));
}
