import type { ErrorCode } from '../../errors.ts';

/** Payload byte of an ERROR answer: CTAP 2.1 §11.2.9.1.6, then ours from 0xF0. */
export const packetErrors = {
  INVALID_COMMAND: 0x01,
  INVALID_PARAMETER: 0x02,
  INVALID_LENGTH: 0x03,
  INVALID_SEQUENCE: 0x04,
  MESSAGE_TIMEOUT: 0x05,
  CHANNEL_BUSY: 0x06,
  LOCK_REQUIRED: 0x0a,
  INVALID_CHANNEL: 0x0b,
  OTHER: 0x7f,
  NO_SESSION: 0xf0,
  RECORD_REFUSED: 0xf1,
  HANDSHAKE_REFUSED: 0xf2,
  FORKED: 0xf3,
  SESSION_LIMIT: 0xf4,
  VERSION_UNSUPPORTED: 0xf5,
  SUPERSEDED: 0xf6,
  BINDING_LOST: 0xf7,
  LOCKED_OUT: 0xf8,
  SHARED: 0xf9,
} as const satisfies Partial<Record<ErrorCode, number>>;

/** The errors that a packet can carry. */
export type PacketErrorCode = keyof typeof packetErrors;

const byByte = new Map<number, PacketErrorCode>();
for (const code of Object.keys(packetErrors) as PacketErrorCode[]) {
  byByte.set(packetErrors[code], code);
}

/** The name of an error byte; `OTHER` for one that is not in the table. */
export function packetErrorCode(byte: number): PacketErrorCode {
  return byByte.get(byte) ?? 'OTHER';
}
