import type { ErrorCode } from '../../errors.ts';

/** The first byte of a response: 0 for success, else why not. */
export const commandStatus = {
  MALFORMED_REQUEST: 0x01,
  UNKNOWN_COMMAND: 0x02,
  INVALID_ARGUMENT: 0x03,
  REQUEST_TOO_LARGE: 0x04,
  BUSY: 0x05,
  CANCELLED: 0x06,
  KEY_NOT_FOUND: 0x10,
  NO_SPACE: 0x11,
  DECRYPT_FAILED: 0x12,
  KEY_REFUSED: 0x13,
  STREAM_NOT_FOUND: 0x14,
  ON_CHIP_UNAVAILABLE: 0x15,
  LOGIN_REQUIRED: 0x20,
  PARTITION_NOT_FOUND: 0x21,
  PASSWORD_WRONG: 0x22,
  PASSWORD_LOCKED: 0x23,
  LICENSE_NOT_FOUND: 0x30,
  LICENSE_BLOCKED: 0x31,
  LICENSE_FEATURE: 0x32,
  LICENSE_NOT_YET: 0x33,
  LICENSE_EXPIRED: 0x34,
  LICENSE_USED_UP: 0x35,
  LICENSE_ELSEWHERE: 0x36,
  SEATS_TAKEN: 0x37,
  DONGLE_BLOCKED: 0x38,
  TIME_REFUSED: 0x39,
  UPDATE_INVALID: 0x40,
  UPDATE_UNTRUSTED: 0x41,
  UPDATE_OTHER_DONGLE: 0x42,
  UPDATE_OTHER_CONTEXT: 0x43,
  UPDATE_FORKED: 0x44,
  UPDATE_GAP: 0x45,
  UPDATE_IMPOSSIBLE: 0x46,
  DEVICE_FAULT: 0x7f,
} as const satisfies Partial<Record<ErrorCode, number>>;

/** Why a dongle does not do a command. */
export type CommandFailure = keyof typeof commandStatus;

const failures = new Map<number, CommandFailure>(
  Object.entries(commandStatus).map(([code, status]) => [status, code as CommandFailure]),
);

/** The failure that a status byte names; undefined for success and for unknown bytes. */
export function failureOfStatus(status: number): CommandFailure | undefined {
  return failures.get(status);
}
