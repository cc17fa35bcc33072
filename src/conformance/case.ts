import type { ErrorCode } from '../errors.ts';
import type { FaceName } from '../link.ts';
import type { PacketCommandName, PacketErrorCode } from '../protocol/packets/index.ts';
import type { UsbPort } from './target.ts';

// The language of conformance cases: plain data that JSON can carry.

/** The rules of docs/protocol.md that cases check. */
export const clauses = [
  'usb/descriptors',
  'usb/requests',
  'usb/configuration',
  'usb/halt',
  'usb/transfers',
  'packets/init',
  'packets/channels',
  'packets/length',
  'packets/sequence',
  'packets/arbitration',
  'packets/timeout',
  'packets/resynchronisation',
  'packets/cancel',
  'packets/commands',
  'packets/ping',
  'packets/wink',
  'packets/lock',
  'packets/keepalive',
  'channel/hello',
  'channel/handshake',
  'channel/sessions',
  'channel/records',
  'channel/repeat',
  'channel/fork',
  'channel/refusals',
  'commands/envelope',
  'commands/echo',
  'commands/random',
  'commands/wink',
  'commands/end',
  'commands/aes',
  'commands/rsa',
  'commands/concurrency',
] as const;

/** The id of a rule. */
export type Clause = (typeof clauses)[number];

/** Something a device has to do, and the steps that show whether it does. */
export interface Case {
  /** Unique in the suite, in kebab-case. */
  readonly name: string;
  readonly clause: Clause;
  /** The behaviour, as a sentence. */
  readonly title: string;
  /** Where it applies; on every face unless given. */
  readonly faces?: readonly FaceName[];
  /** The bus speeds it is about; every speed unless given. */
  readonly speeds?: readonly UsbPort['speed'][];
  readonly steps: readonly Step[];
}

/** A byte string. */
export type Bytes =
  /** Hexadecimal; spaces do not count. */
  | { readonly hex: string }
  /** A pattern of this length that `seed` (0 unless given) chooses. */
  | { readonly bytes: number; readonly seed?: number }
  /** The pattern as long as a message of the face, or a record's plaintext, can be, less `less`. */
  | { readonly largest: true; readonly less?: number }
  /** What an earlier step saved, or a part of it, altered or not. */
  | {
      readonly saved: string;
      readonly slice?: readonly [from: number, to: number];
      readonly flip?: number | '#';
    };

/** A field of a request: a number, a name of an enumeration, or bytes. */
export type Value = number | string | Bytes;

/** What a field or payload has to be. */
export type Expected =
  | Value
  /** Hexadecimal, where a point stands for any digit. */
  | { readonly pattern: string }
  | { readonly length: number }
  /** Anything but what an earlier step saved. */
  | { readonly unlike: string }
  /** The USB string descriptor of a text that an earlier step saved. */
  | { readonly text: string };

/** When an answer has to come, counted from the last packet sent on its channel. */
export interface Timing {
  /** 0 unless given. */
  readonly afterMs?: number;
  /** 1,000 unless given. The target's tolerance is added. */
  readonly withinMs?: number;
}

/** How bytes are altered on their way; the genuine ones stay known to the runner. */
export interface Tampering {
  /** Index of a byte to alter; `'#'` within `repeat` for its round, counted from 0. */
  readonly flip?: number | '#';
  /** Bytes taken off the end. */
  readonly cut?: number;
  /** Zero bytes put behind the end. */
  readonly append?: number;
  /** All bytes become 0. */
  readonly zeros?: true;
}

/** A request of a session: fields of a command, or a whole plaintext for one no host would send. */
export type Request =
  | { readonly command: string; readonly fields?: Readonly<Record<string, Value>> }
  | { readonly plaintext: Bytes };

/** What a reply has to be: a success with this result, a refusal, or a whole plaintext. */
export interface ReplyExpectation extends Timing {
  readonly result?: Readonly<Record<string, Expected>>;
  readonly error?: ErrorCode;
  readonly replyBytes?: Expected;
  /** Names under which fields of the result are kept. */
  readonly save?: Readonly<Record<string, string>>;
  /** The sealed bytes are the same as those of the reply before. */
  readonly again?: true;
  /** There are KEEPALIVEs before it, each so many milliseconds after the one before. */
  readonly keepaliveMs?: readonly [min: number, max: number];
}

/** Channels have names, given by `open`, `session` or `name`; `broadcast` is always there. */
interface OnChannel {
  readonly on: string;
}

export type PacketStep =
  /** Asks for a channel by INIT; `face: 'other'` does so on another face of the device. */
  | ({ readonly do: 'open'; readonly face?: 'other' } & OnChannel & Timing)
  /** Gives a name to a channel id: `id` in hexadecimal, or that of another channel on this face. */
  | ({ readonly do: 'name'; readonly id: string | { readonly of: string } } & OnChannel)
  /** INIT on the channel itself, and its answer. */
  | ({ readonly do: 'resync' } & OnChannel & Timing)
  /** Sends a message, or only its packets `from` (0) to `to` (all), the latter excluded. */
  | ({
      readonly do: 'send';
      readonly command: PacketCommandName | number;
      readonly payload?: Bytes;
      readonly from?: number;
      readonly to?: number;
      /** What the first packet says the length is. */
      readonly announced?: number | 'too large';
    } & OnChannel)
  /** The next message on the channel. */
  | ({
      readonly do: 'expect';
      readonly command: PacketCommandName | number;
      readonly payload?: Expected;
    } & OnChannel &
      Timing)
  /** The next message on the channel is this ERROR. */
  | ({ readonly do: 'refused'; readonly error: PacketErrorCode } & OnChannel & Timing)
  /** Lets time pass, in which nothing comes on any channel. */
  | { readonly do: 'silence'; readonly ms: number }
  /** Lets time pass. */
  | { readonly do: 'wait'; readonly ms: number };

export type ChannelStep =
  /** HELLO and its answer; with `flip`, the host believes an answer altered in that byte. */
  | ({
      readonly do: 'hello';
      readonly versions?: readonly number[];
      readonly flip?: number;
      readonly result?: Readonly<Record<string, Expected>>;
      /** Names under which fields of the answer are kept. */
      readonly save?: Readonly<Record<string, string>>;
    } & OnChannel &
      Timing)
  /** Sends a message of the handshake; one said before is the same bytes again. */
  | ({ readonly do: 'say'; readonly message: 1 | 3; readonly payload?: Bytes } & Tampering &
      OnChannel)
  /** The device's part of the handshake: message 2, or the verdict that answers message 3. */
  | ({
      readonly do: 'hear';
      readonly message: 2 | 'verdict';
      /** It is the same bytes as before. */
      readonly again?: true;
      /** It is of no use to this host. */
      readonly unreadable?: true;
    } & OnChannel &
      Timing)
  /** The whole handshake, on a channel that is opened and greeted first if it is not. */
  | ({ readonly do: 'session' } & OnChannel);

export type SessionStep =
  /** Seals a request under the next counter and sends it, altered or not. */
  | ({ readonly do: 'request' } & Request & Tampering & OnChannel)
  /** The reply to the last request, or to the one `back` before it. */
  | ({ readonly do: 'reply'; readonly back?: number } & ReplyExpectation & OnChannel)
  /** `request` and `reply`. */
  | ({ readonly do: 'call' } & Request & ReplyExpectation & OnChannel)
  /** A sealed echo of 8 bytes: the session lives. */
  | ({ readonly do: 'echo' } & OnChannel & Timing)
  /** Sends an earlier record again: the last one, or the one `back` before it. */
  | ({ readonly do: 'again'; readonly back?: number } & Tampering & OnChannel)
  /** Seals another request under the last counter, as a copy of the host would, and sends it. */
  | ({ readonly do: 'fork' } & Request & OnChannel)
  /** A saved signature is the saved key's (WebCrypto). */
  | {
      readonly do: 'verify';
      readonly modulus: string;
      readonly exponent: string;
      readonly scheme: 'pkcs1' | 'pss';
      readonly hash: 'sha256' | 'sha384' | 'sha512';
      readonly message: Bytes;
      readonly signature: string;
    };

/** A setup packet, whose fields are 0 unless given (USB 2.0 §9.3). */
export interface Setup {
  /** bmRequestType. */
  readonly type: number;
  /** bRequest. */
  readonly request: number;
  /** wValue. */
  readonly value?: number;
  /** wIndex. */
  readonly index?: number;
  /** wLength. */
  readonly length?: number;
}

/** Steps on the device’s USB port, past any link. With `stall`, the device refuses. */
export type UsbStep =
  /** A control transfer: `send` goes with it, and the device answers with `answer`, or no bytes. */
  | {
      readonly do: 'control';
      readonly setup: Setup;
      readonly send?: Bytes;
      readonly answer?: Expected;
      readonly stall?: true;
    }
  /** One transfer to the OUT endpoint of that address; one of no bytes is an empty packet. */
  | ({
      readonly do: 'write';
      readonly to: number;
      readonly data?: Bytes;
      readonly stall?: true;
    } & Tampering)
  /** One transfer from the IN endpoint of that address, with room for so many bytes. */
  | {
      readonly do: 'read';
      readonly from: number;
      readonly room: number;
      readonly data?: Expected;
      readonly stall?: true;
    }
  /** A bus reset, after which the device is configured again; all links and channels are gone. */
  | { readonly do: 'reset' };

/** One thing that a case does or expects. */
export type Step =
  | UsbStep
  | PacketStep
  | ChannelStep
  | SessionStep
  /** Does the steps, and sends their packets in one go when all are done. */
  | { readonly do: 'together'; readonly steps: readonly Step[] }
  /** Does the steps so often; `#` in a string stands for the round, counted from 0. */
  | { readonly do: 'repeat'; readonly times: number; readonly steps: readonly Step[] };
