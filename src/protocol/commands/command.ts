import type { Schema } from '../schema/index.ts';

/**
 * Who may call a command: anybody with a session, or only after a login to the partition of the
 * `application` that the request names.
 */
export type Needs = 'nothing' | 'user' | 'administrator';

/** From where a command may come: only from the machine the dongle is plugged into, or over a bridge. */
export type Reach = 'local' | 'bridge';

/** One command of the dongle: its request and its response are maps with integer keys. */
export interface Command<Name extends string = string, Request = unknown, Response = unknown> {
  readonly name: Name;
  /** 0x01 to 0xFF: the first byte of the request. */
  readonly code: number;
  /** What it does, in one sentence. */
  readonly summary: string;
  readonly needs: Needs;
  readonly reach: Reach;
  readonly request: Schema<Request>;
  readonly response: Schema<Response>;
}

/** Declares a command; the types of its request and response come from their schemas. */
export function defineCommand<const Name extends string, Request, Response>(
  command: Command<Name, Request, Response> &
    (Request extends { readonly application: number } ? unknown : { readonly needs: 'nothing' }),
): Command<Name, Request, Response> {
  return command;
}

/** The TypeScript type of a command's request. */
export type RequestOf<C> = C extends Command<string, infer Request, unknown> ? Request : never;

/** The TypeScript type of a command's response. */
export type ResponseOf<C> = C extends Command<string, unknown, infer Response> ? Response : never;

/** Longest byte string in a request or response: what the largest message of any face can hold. */
export const maxDataBytes = 65_401;
