import { noBytes } from '../../bytes.ts';
import { decode, encode } from '../schema/index.ts';
import type { Command } from './command.ts';
import { type CommandFailure, commandStatus, failureOfStatus } from './status.ts';

// A request is the command's code and then its map, a response a status and then its map, as in
// CTAP 2.1 §8: an empty map is left out.

/** The plaintext of a request. Throws a `RangeError` where the request does not fit its schema. */
export function encodeRequest<Request>(
  command: Command<string, Request>,
  request: Request,
): Uint8Array {
  return prefixed(command.code, encode(command.request, request));
}

/** Reads the map of a request whose first byte named `command`. */
export function decodeRequest<Request>(
  command: Command<string, Request>,
  plaintext: Uint8Array,
): { ok: true; value: Request } | { ok: false; detail: string } {
  return decodeBody(command.request, plaintext);
}

/** The plaintext of a successful response. */
export function encodeResponse<Response>(
  command: Command<string, unknown, Response>,
  response: Response,
): Uint8Array {
  return prefixed(0, encode(command.response, response));
}

/** The plaintext of a refusal. */
export function encodeFailure(failure: CommandFailure): Uint8Array {
  return Uint8Array.of(commandStatus[failure]);
}

/** What a response says; `PROTOCOL` where it is not one. */
export type DecodedResponse<Response> =
  | { readonly ok: true; readonly value: Response }
  | { readonly ok: false; readonly code: CommandFailure | 'PROTOCOL'; readonly detail: string };

/** Reads the response to a request of `command`. */
export function decodeResponse<Response>(
  command: Command<string, unknown, Response>,
  plaintext: Uint8Array,
): DecodedResponse<Response> {
  const status = plaintext[0];
  if (status === undefined) return { ok: false, code: 'PROTOCOL', detail: 'the response is empty' };
  if (status !== 0) {
    const code = failureOfStatus(status);
    if (code === undefined || plaintext.length !== 1) {
      return { ok: false, code: 'PROTOCOL', detail: `unknown response status ${status}` };
    }
    return { ok: false, code, detail: '' };
  }
  const body = decodeBody(command.response, plaintext);
  return body.ok ? body : { ok: false, code: 'PROTOCOL', detail: body.detail };
}

const emptyMap = Uint8Array.of(0xa0);

function prefixed(first: number, map: Uint8Array): Uint8Array {
  const body = map.length === 1 ? noBytes : map;
  const out = new Uint8Array(1 + body.length);
  out[0] = first;
  out.set(body, 1);
  return out;
}

function decodeBody<Value>(schema: Parameters<typeof decode<Value>>[0], plaintext: Uint8Array) {
  // The empty map has one form on the wire, so that no two byte strings mean the same request.
  if (plaintext.length === 2 && plaintext[1] === emptyMap[0]) {
    return { ok: false as const, detail: 'an empty map must be left out' };
  }
  return decode(schema, plaintext.length === 1 ? emptyMap : plaintext.subarray(1));
}
