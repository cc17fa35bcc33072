import type { DhKey } from '../../crypto/suite.ts';
import type { Command, CommandFailure } from '../../protocol/commands/index.ts';
import type { Board } from '../board/board.ts';
import type { KeyTable } from './keys/index.ts';
import type { Ledger } from './ledger.ts';
import type { Licenses, Seats } from './licenses/index.ts';
import type { Manufacture } from './manufacture-block.ts';
import type { Registrar } from './registrar.ts';
import type { Call } from './sessions.ts';
import type { Streams } from './streams.ts';
import type { DongleTime, Nonces } from './time/index.ts';
import type { UpdateBuffer } from './updates/index.ts';

/** What a command may use. */
export interface CommandContext {
  readonly board: Board;
  readonly manufacture: Manufacture;
  readonly keys: KeyTable;
  readonly streams: Streams;
  readonly registrar: Registrar;
  readonly ledger: Ledger;
  /** SHA-256 of the static X25519 key: files name the dongle so. */
  readonly dongleId: Uint8Array;
  readonly time: DongleTime;
  readonly nonces: Nonces;
  readonly licenses: Licenses;
  readonly seats: Seats;
  /** X25519: the key of the channel. */
  readonly staticKey: DhKey;
  readonly updateBuffer: UpdateBuffer;
  /** The request that this is, and its session. */
  readonly call: Call;
}

/** What becomes of a command. */
export type Reply<Response> =
  | { readonly ok: true; readonly value: Response }
  | { readonly ok: false; readonly code: CommandFailure };

/** A command that the core does at once. */
export interface CoreHandler<Request = unknown, Response = unknown> {
  readonly lane: 'core';
  readonly command: Command<string, Request, Response>;
  execute(context: CommandContext, request: Request): Reply<Response>;
}

/** A command that may need the RSA engine: then it waits its turn while the core goes on. */
export interface EngineHandler<Request = unknown, Response = unknown> {
  readonly lane: 'engine';
  readonly command: Command<string, Request, Response>;
  needsEngine(request: Request): boolean;
  execute(context: CommandContext, request: Request): Promise<Reply<Response>>;
}

export type Handler = CoreHandler | EngineHandler;

/** Declares a command that the core does at once. */
export function coreHandler<Request, Response>(
  command: Command<string, Request, Response>,
  execute: (context: CommandContext, request: Request) => Reply<Response>,
): Handler {
  return { lane: 'core', command, execute } as CoreHandler<Request, Response> as Handler;
}

/** Declares a command for the RSA engine, or one of which only some requests need it. */
export function engineHandler<Request, Response>(
  command: Command<string, Request, Response>,
  execute: (context: CommandContext, request: Request) => Promise<Reply<Response>>,
  needsEngine: (request: Request) => boolean = () => true,
): Handler {
  const handler: EngineHandler<Request, Response> = {
    lane: 'engine',
    command,
    needsEngine,
    execute,
  };
  return handler as Handler;
}

/** A command's success. */
export function done<Response>(value: Response): Reply<Response> {
  return { ok: true, value };
}

/** A command's refusal. */
export function refused(code: CommandFailure): {
  readonly ok: false;
  readonly code: CommandFailure;
} {
  return { ok: false, code };
}
