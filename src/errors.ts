/** Where an error arises; see the layers in docs/architecture.md. */
export type ErrorLayer =
  | 'caller'
  | 'link'
  | 'packet'
  | 'channel'
  | 'binding'
  | 'trust'
  | 'command'
  | 'access'
  | 'license'
  | 'update'
  | 'storage';

/**
 * What a caller may do about an error: `never` try the same again, try `again` on the same
 * session, or `reopen` (connect anew) first.
 */
export type Retry = 'never' | 'again' | 'reopen';

interface ErrorEntry {
  readonly layer: ErrorLayer;
  readonly retry: Retry;
  /** One sentence: what happened and what to do. */
  readonly meaning: string;
}

/** Every error that latchkey names. The codes are public and never change their meaning. */
export const errorTable = {
  // caller
  ABORTED: { layer: 'caller', retry: 'again', meaning: 'The call was aborted by its AbortSignal.' },
  TIMEOUT: {
    layer: 'caller',
    retry: 'again',
    meaning:
      'The dongle did not answer before the call’s deadline; try again, or give it a longer deadlineMs.',
  },
  CLOSED: { layer: 'caller', retry: 'reopen', meaning: 'The session is closed; connect again.' },
  INVALID_ARGUMENT: { layer: 'caller', retry: 'never', meaning: 'An argument is out of range.' },
  NOT_FOUND: {
    layer: 'caller',
    retry: 'again',
    meaning: 'No matching dongle is attached; plug it in and try again.',
  },
  AMBIGUOUS_DONGLE: {
    layer: 'caller',
    retry: 'never',
    meaning: 'Several dongles are attached; say which one by its serial.',
  },
  SERIAL_MISMATCH: {
    layer: 'caller',
    retry: 'never',
    meaning:
      'The attached dongle has another serial than the one asked for; plug in the right one or ask for this serial.',
  },
  // link
  DETACHED: {
    layer: 'link',
    retry: 'reopen',
    meaning: 'The dongle was unplugged; plug it in and connect again.',
  },
  LINK_FAILED: {
    layer: 'link',
    retry: 'reopen',
    meaning: 'The system could not reach the dongle; connect again.',
  },
  ADDRESS_IN_USE: {
    layer: 'link',
    retry: 'again',
    meaning: 'Another program listens at this address; stop it or choose another address.',
  },
  PERMISSION_DENIED: {
    layer: 'link',
    retry: 'never',
    meaning:
      'The system does not let this program open the dongle; on Linux, copy udev/70-latchkey.rules of this package to /etc/udev/rules.d and plug the dongle in again, elsewhere close other programs that use it.',
  },
  UNSUPPORTED: {
    layer: 'link',
    retry: 'never',
    meaning: 'What is needed to reach a dongle is missing on this system.',
  },
  // packet: CTAP 2.1 §11.2.9.1.6
  INVALID_COMMAND: {
    layer: 'packet',
    retry: 'never',
    meaning: 'The dongle does not know this packet command here.',
  },
  INVALID_PARAMETER: {
    layer: 'packet',
    retry: 'never',
    meaning: 'A parameter of the packet command is out of range.',
  },
  INVALID_LENGTH: {
    layer: 'packet',
    retry: 'never',
    meaning: 'The message’s length is not allowed.',
  },
  INVALID_SEQUENCE: {
    layer: 'packet',
    retry: 'again',
    meaning: 'A packet of the message was missing or out of order.',
  },
  MESSAGE_TIMEOUT: {
    layer: 'packet',
    retry: 'again',
    meaning: 'The rest of the message did not arrive in time.',
  },
  CHANNEL_BUSY: {
    layer: 'packet',
    retry: 'again',
    meaning: 'The dongle is busy with another channel; try again shortly.',
  },
  LOCK_REQUIRED: {
    layer: 'packet',
    retry: 'never',
    meaning: 'The command needs the channel lock.',
  },
  INVALID_CHANNEL: {
    layer: 'packet',
    retry: 'reopen',
    meaning: 'The dongle does not know this channel; connect again.',
  },
  OTHER: { layer: 'packet', retry: 'again', meaning: 'The dongle reports an unspecified error.' },
  // channel
  PROTOCOL: {
    layer: 'channel',
    retry: 'reopen',
    meaning:
      'The device answered with something that is not the protocol; check that it is a latchkey dongle.',
  },
  VERSION_UNSUPPORTED: {
    layer: 'channel',
    retry: 'never',
    meaning: 'The dongle and this software share no protocol version; update the older one.',
  },
  HANDSHAKE_REFUSED: { layer: 'channel', retry: 'again', meaning: 'The handshake was refused.' },
  NO_SESSION: {
    layer: 'channel',
    retry: 'reopen',
    meaning: 'The dongle has no session on this channel; connect again.',
  },
  RECORD_REFUSED: {
    layer: 'channel',
    retry: 'again',
    meaning: 'The dongle refused an encrypted record.',
  },
  FORKED: {
    layer: 'channel',
    retry: 'reopen',
    meaning:
      'Two different records used one counter, so a copy of this session exists; it has been ended.',
  },
  SESSION_LIMIT: {
    layer: 'channel',
    retry: 'again',
    meaning: 'The dongle has no room for another session; close one and try again.',
  },
  // binding
  BOUND_ELSEWHERE: {
    layer: 'binding',
    retry: 'again',
    meaning:
      'Another runtime has the dongle; end it, or unplug the dongle and plug it in here, and try again.',
  },
  SUPERSEDED: {
    layer: 'binding',
    retry: 'never',
    meaning:
      'Another start of this runtime has taken the dongle over; this one has to be started again to get it back.',
  },
  BINDING_LOST: {
    layer: 'binding',
    retry: 'reopen',
    meaning: 'The dongle is not bound to this runtime any more; connect again.',
  },
  LOCKED_OUT: {
    layer: 'binding',
    retry: 'again',
    meaning:
      'The dongle has changed hands or has been replugged too often and refuses everybody for a while; leave it plugged in and try again then.',
  },
  SHARED: {
    layer: 'binding',
    retry: 'again',
    meaning:
      'The dongle is shared between machines, which it refuses; give it to one machine alone, unplug it and plug it in again.',
  },
  IN_USE: {
    layer: 'binding',
    retry: 'again',
    meaning:
      'Another program of this machine has the dongle, under another runtime; end it and try again.',
  },
  // trust
  CERTIFICATE_MALFORMED: {
    layer: 'trust',
    retry: 'never',
    meaning: 'The dongle’s certificate cannot be read; the dongle is damaged or not genuine.',
  },
  CERTIFICATE_UNTRUSTED: {
    layer: 'trust',
    retry: 'never',
    meaning:
      'The dongle’s certificate does not lead to a trusted root; add its vendor’s root if you trust it.',
  },
  CERTIFICATE_TEST: {
    layer: 'trust',
    retry: 'never',
    meaning:
      'The dongle has a TEST certificate, which a production trust store refuses; use a real dongle, or a trust store that allows TEST roots.',
  },
  CERTIFICATE_MISMATCH: {
    layer: 'trust',
    retry: 'never',
    meaning:
      'The dongle’s certificate is for another device than the one that shows it; do not use this dongle.',
  },
  CERTIFICATE_REVOKED: {
    layer: 'trust',
    retry: 'never',
    meaning: 'The dongle’s certificate has been revoked; ask its vendor for a replacement.',
  },
  CERTIFICATE_UNPINNED: {
    layer: 'trust',
    retry: 'never',
    meaning: 'The dongle is genuine but not the vendor or dongle that this software is pinned to.',
  },
  // command
  MALFORMED_REQUEST: {
    layer: 'command',
    retry: 'never',
    meaning: 'The dongle could not read the request.',
  },
  UNKNOWN_COMMAND: {
    layer: 'command',
    retry: 'never',
    meaning: 'The dongle does not know this command; its firmware may be older than this software.',
  },
  REQUEST_TOO_LARGE: {
    layer: 'command',
    retry: 'never',
    meaning:
      'The request or its answer does not fit the dongle’s largest message; send less at once.',
  },
  BUSY: {
    layer: 'command',
    retry: 'again',
    meaning: 'The dongle’s job queue is full; try again shortly.',
  },
  CANCELLED: { layer: 'command', retry: 'again', meaning: 'The command was cancelled.' },
  KEY_NOT_FOUND: {
    layer: 'command',
    retry: 'never',
    meaning: 'The dongle has no key with this number.',
  },
  NO_SPACE: { layer: 'command', retry: 'never', meaning: 'The dongle has no room left for this.' },
  DECRYPT_FAILED: { layer: 'command', retry: 'never', meaning: 'The data could not be decrypted.' },
  DEVICE_FAULT: {
    layer: 'command',
    retry: 'again',
    meaning: 'The dongle failed while executing the command.',
  },
  KEY_REFUSED: {
    layer: 'command',
    retry: 'never',
    meaning: 'The key is weak, malformed or not of a kind that the dongle takes; make another one.',
  },
  STREAM_NOT_FOUND: {
    layer: 'command',
    retry: 'never',
    meaning:
      'The dongle has no stream with this number; it has been finished, or its session ended.',
  },
  ON_CHIP_UNAVAILABLE: {
    layer: 'command',
    retry: 'never',
    meaning:
      'This model does not do this on its chip; use another model, or allow the driver to do it.',
  },
  // access
  LOGIN_REQUIRED: {
    layer: 'access',
    retry: 'never',
    meaning: 'This needs a login to the partition first; log in and try again.',
  },
  PARTITION_NOT_FOUND: {
    layer: 'access',
    retry: 'never',
    meaning: 'The dongle has no partition with this application id.',
  },
  PASSWORD_WRONG: {
    layer: 'access',
    retry: 'never',
    meaning: 'The password is wrong; after ten wrong ones it is locked.',
  },
  PASSWORD_LOCKED: {
    layer: 'access',
    retry: 'never',
    meaning:
      'The password has been locked by wrong tries; the administrator can unlock the user, an update by the vendor the administrator.',
  },
  // license
  LICENSE_NOT_FOUND: {
    layer: 'license',
    retry: 'never',
    meaning: 'The dongle has no such license; ask its vendor for an update.',
  },
  LICENSE_BLOCKED: {
    layer: 'license',
    retry: 'never',
    meaning: 'The vendor has blocked this license; ask the vendor.',
  },
  LICENSE_FEATURE: {
    layer: 'license',
    retry: 'never',
    meaning: 'The license does not cover this feature or version; ask its vendor for an update.',
  },
  LICENSE_NOT_YET: {
    layer: 'license',
    retry: 'never',
    meaning: 'The license is not valid yet, or the dongle does not know the time; set its time.',
  },
  LICENSE_EXPIRED: {
    layer: 'license',
    retry: 'never',
    meaning: 'The license has expired; ask its vendor for an update.',
  },
  LICENSE_USED_UP: {
    layer: 'license',
    retry: 'never',
    meaning: 'The license has no units left; ask its vendor for more.',
  },
  LICENSE_ELSEWHERE: {
    layer: 'license',
    retry: 'never',
    meaning: 'The license is for another machine; use that one, or ask its vendor to move it.',
  },
  SEATS_TAKEN: {
    layer: 'license',
    retry: 'again',
    meaning: 'All seats are taken; close one of the programs that hold one and try again.',
  },
  DONGLE_BLOCKED: {
    layer: 'license',
    retry: 'never',
    meaning: 'The vendor has blocked this dongle; ask the vendor.',
  },
  TIME_REFUSED: {
    layer: 'license',
    retry: 'never',
    meaning:
      'The dongle does not take this time: it runs backwards, too far ahead, or is not for its nonce.',
  },
  // update
  UPDATE_INVALID: {
    layer: 'update',
    retry: 'never',
    meaning: 'The file is damaged or was altered, or is no update; get it again from its vendor.',
  },
  UPDATE_UNTRUSTED: {
    layer: 'update',
    retry: 'never',
    meaning: 'The file is not signed by a key that may do this; ask the vendor.',
  },
  UPDATE_OTHER_DONGLE: {
    layer: 'update',
    retry: 'never',
    meaning: 'The update is for another dongle; apply it to that one.',
  },
  UPDATE_OTHER_CONTEXT: {
    layer: 'update',
    retry: 'never',
    meaning:
      'The update was made for a context that this dongle no longer knows; make a new context and send it to the vendor.',
  },
  UPDATE_FORKED: {
    layer: 'update',
    retry: 'never',
    meaning:
      'The dongle has had another update with this number; send the vendor a new context to find out which.',
  },
  UPDATE_GAP: {
    layer: 'update',
    retry: 'never',
    meaning:
      'Updates before this one are missing; make a new context and send it to the vendor, who sends all that is missing.',
  },
  UPDATE_IMPOSSIBLE: {
    layer: 'update',
    retry: 'never',
    meaning: 'The dongle cannot do what the update says; nothing was changed. Ask the vendor.',
  },
  // storage
  FLASH_INVALID: {
    layer: 'storage',
    retry: 'never',
    meaning: 'The file is not the flash of a latchkey dongle, or it is damaged; give another file.',
  },
  FILE_FAILED: { layer: 'storage', retry: 'never', meaning: 'The file cannot be read or written.' },
} as const satisfies Record<string, ErrorEntry>;

/** The literal codes of all errors. */
export type ErrorCode = keyof typeof errorTable;

/** The one error type that public asynchronous calls throw. */
export class DongleError extends Error {
  override readonly name = 'DongleError';
  /** What happened, as a literal that programs may compare. */
  readonly code: ErrorCode;
  readonly layer: ErrorLayer;
  readonly retry: Retry;
  /** Milliseconds after which it may work, if nothing happens; undefined where nobody knows. */
  readonly waitMs: number | undefined;

  /**
   * @param code - a row of the error table
   * @param message - replaces the table's sentence where more is known
   */
  constructor(code: ErrorCode, message?: string, options?: { cause?: unknown; waitMs?: number }) {
    super(message ?? errorTable[code].meaning, options);
    this.code = code;
    this.layer = errorTable[code].layer;
    this.retry = errorTable[code].retry;
    this.waitMs = options?.waitMs;
  }
}

/** What a pure step gives back: bad input is data to it, never an exception. */
export type Outcome<Value, Code extends ErrorCode = ErrorCode> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: Code; readonly detail: string };
