/** Shortest and longest payload, in bytes. */
type Lengths = readonly [min: number, max: number];

interface PacketCommand {
  readonly code: number;
  /** Last code of a command that occupies a range. */
  readonly lastCode?: number;
  /** Payload from host to device; absent if a host never sends the command. */
  readonly request?: Lengths;
  /** Payload from device to host; absent if a device never sends the command. */
  readonly answer?: Lengths;
  readonly meaning: string;
}

/** Up to the largest message. */
const anyLength: Lengths = [0, 0xffff];
const empty: Lengths = [0, 0];

/** The commands of the packet layer: CTAP 2.1 §11.2.9, then ours in its vendor range 0x40–0x7F. */
export const packetCommands = {
  PING: { code: 0x01, request: anyLength, answer: anyLength, meaning: 'Echoes the payload.' },
  LOCK: {
    code: 0x04,
    request: [1, 1],
    answer: empty,
    meaning:
      'Keeps other channels out for 0 to 10 seconds; 0 releases. For channels with a session alone.',
  },
  // A later version may lengthen the answer, but not beyond the smallest packet.
  INIT: {
    code: 0x06,
    request: [8, 8],
    answer: [17, 57],
    meaning:
      'On the broadcast channel asks for a channel; on a channel drops a message cut short there.',
  },
  WINK: { code: 0x08, request: empty, answer: empty, meaning: 'Shows which dongle this is.' },
  CANCEL: {
    code: 0x11,
    request: empty,
    meaning: 'Cancels what this channel has under way. Never answered itself.',
  },
  KEEPALIVE: { code: 0x3b, answer: [1, 1], meaning: 'The request is still being executed.' },
  ERROR: {
    code: 0x3f,
    answer: [1, 1],
    meaning: 'The request failed, with one byte that says how.',
  },
  HELLO: {
    code: 0x40,
    request: anyLength,
    answer: anyLength,
    meaning: 'Tells in clear who the dongle is.',
  },
  HANDSHAKE: {
    code: 0x41,
    request: anyLength,
    answer: anyLength,
    meaning: 'A handshake message of the encrypted channel.',
  },
  RECORD: {
    code: 0x60,
    lastCode: 0x7f,
    request: anyLength,
    answer: anyLength,
    meaning:
      'A record of the encrypted channel; the code’s low five bits are those of the record’s counter.',
  },
} as const satisfies Record<string, PacketCommand>;

export type PacketCommandName = keyof typeof packetCommands;

const byCode: (PacketCommand | undefined)[] = new Array(0x80).fill(undefined);
for (const command of Object.values(packetCommands) as PacketCommand[]) {
  for (let code = command.code; code <= (command.lastCode ?? command.code); code++) {
    byCode[code] = command;
  }
}

/** Payload lengths that a device accepts with this command code; undefined if it knows none. */
export function requestLengths(code: number): Lengths | undefined {
  return byCode[code]?.request;
}

/** Payload lengths that a host accepts with this command code; undefined if it knows none. */
export function answerLengths(code: number): Lengths | undefined {
  return byCode[code]?.answer;
}

const counterMask = packetCommands.RECORD.lastCode - packetCommands.RECORD.code;

/** The command code of the record with this counter, so that a record needs no counter bytes. */
export function recordCommand(counter: number): number {
  // Not `&`: a counter may exceed 32 bits.
  return packetCommands.RECORD.code + (counter % (counterMask + 1));
}

/** Whether a command code is a record's. */
export function isRecordCommand(code: number): boolean {
  return code >= packetCommands.RECORD.code && code <= packetCommands.RECORD.lastCode;
}

/** The low five bits of the counter that a record's command code carries. */
export function recordCounterBits(code: number): number {
  return code & counterMask;
}
