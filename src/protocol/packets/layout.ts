/** A field of a packet or of a fixed payload; `bytes: 'rest'` runs to the end. Big-endian. */
export interface PacketField {
  readonly offset: number;
  readonly bytes: number | 'rest';
  readonly meaning: string;
}

/** First packet of a message (CTAP 2.1 §11.2.4). */
export const initPacketFields = {
  channel: { offset: 0, bytes: 4, meaning: 'channel id' },
  command: { offset: 4, bytes: 1, meaning: 'command code with the top bit set' },
  length: { offset: 5, bytes: 2, meaning: 'bytes of the whole message’s payload' },
  data: { offset: 7, bytes: 'rest', meaning: 'beginning of the payload, then zeros' },
} as const satisfies Record<string, PacketField>;

/** Further packets of a message (CTAP 2.1 §11.2.4). */
export const continuationPacketFields = {
  channel: { offset: 0, bytes: 4, meaning: 'channel id' },
  sequence: { offset: 4, bytes: 1, meaning: '0 to 127, one more with each packet' },
  data: { offset: 5, bytes: 'rest', meaning: 'next part of the payload, then zeros' },
} as const satisfies Record<string, PacketField>;

/** Payload of an INIT request (CTAP 2.1 §11.2.9.1.3). */
export const initRequestFields = {
  nonce: { offset: 0, bytes: 8, meaning: 'random bytes that mark the answer as this host’s' },
} as const satisfies Record<string, PacketField>;

/** Payload of an INIT answer (CTAP 2.1 §11.2.9.1.3). */
export const initAnswerFields = {
  nonce: { offset: 0, bytes: 8, meaning: 'the request’s nonce' },
  channel: { offset: 8, bytes: 4, meaning: 'the channel id, new or as it was' },
  protocolVersion: { offset: 12, bytes: 1, meaning: 'version of the packet layer: 2' },
  deviceVersion: { offset: 13, bytes: 3, meaning: 'version of the firmware: major, minor, build' },
  capabilities: { offset: 16, bytes: 1, meaning: 'capability bits' },
} as const satisfies Record<string, PacketField>;

/** Set in the command byte of an init packet, clear in the sequence byte of a continuation. */
export const initPacketBit = 0x80;

/** Continuation packets that one message can have. */
export const maxContinuations = 128;

/** The smallest packet of any face, in bytes; INIT and its answer fit in one. */
export const minPacketBytes = 64;

/** Version of the packet layer, as INIT tells it (CTAP 2.1 §11.2.9.1.3). */
export const packetProtocolVersion = 2;

/** How long a message may pause between two packets, at either end (CTAP 2.1 §11.2.5.2). */
export const messageTimeoutMs = 500;

/**
 * How long a message may take as a whole. Ours: while one is assembled others have to wait, so nobody
 * may draw his out packet by packet.
 */
export const messageLimitMs = 2_000;
