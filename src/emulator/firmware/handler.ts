import type { Command, CommandFailure } from '../../protocol/commands/index.ts';
import type { Board } from '../board/board.ts';
import type { Manufacture } from './manufacture-block.ts';
import type { Registrar } from './registrar.ts';
import type { RsaKeyRing } from './rsa-key-ring.ts';
import type { Call } from './sessions.ts';

/** What a command may use. */
export interface CommandContext {
  readonly board: Board;
  readonly manufacture: Manufacture;
  readonly rsaKeys: RsaKeyRing;
  readonly registrar: Registrar;
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

/** A command for the RSA engine: it waits its turn while the core goes on. */
export interface EngineHandler<Request = unknown, Response = unknown> {
  readonly lane: 'engine';
  readonly command: Command<string, Request, Response>;
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

/** Declares a command for the RSA engine. */
export function engineHandler<Request, Response>(
  command: Command<string, Request, Response>,
  execute: (context: CommandContext, request: Request) => Promise<Reply<Response>>,
): Handler {
  return { lane: 'engine', command, execute } as EngineHandler<Request, Response> as Handler;
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
