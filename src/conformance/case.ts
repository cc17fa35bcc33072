import type { FaceName } from '../link.ts';
import type { PacketCommandName, PacketErrorCode } from '../protocol/packets/index.ts';
import type { Clause } from './clauses.ts';
import type {
  Bytes,
  ClaimChange,
  Expected,
  ReplyExpectation,
  Request,
  Tampering,
  Timing,
  VerdictExpectation,
} from './step-data.ts';
import type { UsbPort } from './target.ts';
import type { UpdateStep } from './update-steps.ts';

// The language of conformance cases: plain data that JSON can carry.

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
  /** It needs a device with `demoLicenses` and `demoSeats`. */
  readonly licenses?: true;
  /** It needs a device that takes updates of signers under the TEST root. */
  readonly updates?: true;
  readonly steps: readonly Step[];
}

/** Channels have names, given by `open`, `session` or `name`; `broadcast` is always there. */
export interface OnChannel {
  readonly on: string;
}

export type PacketStep =
  /**
   * Asks for a channel by INIT; `face: 'other'` does so on another face of the device. The id is
   * saved as `NAME.id`.
   */
  | ({ readonly do: 'open'; readonly face?: 'other' } & OnChannel & Timing)
  /** Gives a name to a channel id on this face: in hexadecimal, of another channel, or a saved one. */
  | ({
      readonly do: 'name';
      readonly id: string | { readonly of: string } | { readonly saved: string };
    } & OnChannel)
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
  /** This ERROR comes on the channel unasked, because of what was sent last on any channel. */
  | ({ readonly do: 'pushed'; readonly error: PacketErrorCode } & OnChannel & Timing)
  /** Lets time pass, in which nothing comes on any channel. */
  | { readonly do: 'silence'; readonly ms: number }
  /** Lets time pass. */
  | { readonly do: 'wait'; readonly ms: number };

/**
 * Makes a runtime, or changes one. Any name that a step uses is a runtime; one that no step has made
 * has a machine of its own. Its public key is saved as `NAME.key`.
 */
export interface RuntimeStep {
  readonly do: 'runtime';
  readonly name: string;
  /** It is a copy of that one, ticket and all. */
  readonly like?: string;
  /** It has a static key of its own, unlike the one it is a copy of. */
  readonly rekeyed?: true;
  /** It is started again: another instance. */
  readonly restarted?: true;
  /** Names for the ids of its machine; none where it does not know them. */
  readonly machine?: readonly string[];
  /** How far its clock is ahead. */
  readonly clockMs?: number;
}

export type ChannelStep =
  /** HELLO and its answer; with `flip`, the host believes an answer altered in that byte. */
  | ({
      readonly do: 'hello';
      /** Which runtime says it; `owner` unless given. */
      readonly as?: string;
      readonly versions?: readonly number[];
      readonly flip?: number;
      readonly result?: Readonly<Record<string, Expected>>;
      /** Names under which fields of the answer are kept. */
      readonly save?: Readonly<Record<string, string>>;
    } & OnChannel &
      Timing)
  /** Sends a message of the handshake; one said before is the same bytes again. */
  | ({
      readonly do: 'say';
      readonly message: 1 | 3;
      readonly payload?: Bytes;
      readonly claim?: ClaimChange;
    } & Tampering &
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
      VerdictExpectation)
  /**
   * The whole handshake, on a channel that is opened and greeted first if it is not. A runtime that
   * has a session already comes by an invitation, unless `claim` says otherwise.
   */
  | ({ readonly do: 'session'; readonly as?: string; readonly claim?: ClaimChange } & OnChannel &
      VerdictExpectation);

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
  | ({ readonly do: 'again'; readonly back?: number | '#' } & Tampering & OnChannel)
  /**
   * Seals another request, as a copy of the host would, and sends it: under the last counter, or the
   * one `back` before it.
   */
  | ({ readonly do: 'fork'; readonly back?: number | '#' } & Request & OnChannel)
  /** A saved signature is the saved key's (WebCrypto). */
  | {
      readonly do: 'verify';
      readonly modulus: string;
      readonly exponent: string;
      readonly scheme: 'pkcs1' | 'pss';
      readonly hash: 'sha256' | 'sha384' | 'sha512';
      readonly message: Bytes;
      readonly signature: string;
    }
  /** The same of ECDSA with P-256. */
  | {
      readonly do: 'verifyEcdsa';
      readonly publicKey: string;
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

/** Steps that take the device's power away, which ends all links and channels, and give it back. */
export interface PowerStep {
  readonly do: 'unplug' | 'plug';
}

/** One thing that a case does or expects. */
export type Step =
  | UsbStep
  | PowerStep
  | RuntimeStep
  | PacketStep
  | ChannelStep
  | SessionStep
  | UpdateStep
  /** Does the steps, and sends their packets in one go when all are done. */
  | { readonly do: 'together'; readonly steps: readonly Step[] }
  /** Does the steps so often; `#` in a string stands for the round, counted from 0 or `from`. */
  | {
      readonly do: 'repeat';
      readonly times: number;
      readonly from?: number;
      readonly steps: readonly Step[];
    };
