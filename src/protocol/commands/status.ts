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
