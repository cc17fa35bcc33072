import * as commands from '../protocol/commands/index.ts';
import type { CallOptions } from './call-options.ts';
import type { Session } from './session.ts';

/** Deadline of the command, in milliseconds. */
const describeDeadlineMs = 5_000;

/** What a dongle has room for, and how it is. */
export interface DongleDescription {
  /** Memory for partitions, in bytes. */
  readonly memoryBytes: number;
  /** Private keys that it keeps. */
  readonly keys: number;
  /** Licenses that it keeps; 0 without a license table. */
  readonly licenses: number;
  /** Whether its vendor has blocked it: then it gives no license and uses no private key. */
  readonly blocked: boolean;
  /** Of its firmware, such as `1.0.2`. */
  readonly firmwareVersion: string;
}

/** Asks a dongle what it has room for. */
export async function describeOver(
  session: Session,
  options?: CallOptions,
): Promise<DongleDescription> {
  const { version, ...description } = await session.call(
    commands.describe,
    {},
    describeDeadlineMs,
    options,
  );
  return { ...description, firmwareVersion: version.join('.') };
}
