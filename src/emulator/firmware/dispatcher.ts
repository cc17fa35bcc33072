import {
  type Command,
  type CommandFailure,
  decodeRequest,
  encodeFailure,
  encodeResponse,
} from '../../protocol/commands/index.ts';
import { handlers } from './commands/table.ts';
import type { CommandContext, Handler, Reply } from './handler.ts';
import type { JobQueue } from './job-queue.ts';
import type { Call } from './sessions.ts';

const handlersByCode = new Map<number | undefined, Handler>(
  handlers.map((handler) => [handler.command.code, handler]),
);

/** Brings each request to its command, and the command's reply back. */
export class Dispatcher {
  readonly #parts: Omit<CommandContext, 'call'>;
  readonly #jobs: JobQueue<Call>;
  readonly #reply: (call: Call, plaintext: Uint8Array) => void;

  constructor(
    parts: Omit<CommandContext, 'call'>,
    jobs: JobQueue<Call>,
    reply: (call: Call, plaintext: Uint8Array) => void,
  ) {
    this.#parts = parts;
    this.#jobs = jobs;
    this.#reply = reply;
  }

  /** Executes a request: at once, or when the RSA engine has time. */
  execute(call: Call): void {
    const { plaintext } = call;
    const handler = handlersByCode.get(plaintext[0]);
    if (handler === undefined) {
      const code = plaintext.length === 0 ? 'MALFORMED_REQUEST' : 'UNKNOWN_COMMAND';
      this.#finish(call, undefined, { ok: false, code });
      return;
    }
    const request = decodeRequest(handler.command, plaintext);
    if (!request.ok) {
      this.#finish(call, handler, { ok: false, code: 'MALFORMED_REQUEST' });
      return;
    }
    if (!isAllowed(handler.command, request.value, call)) {
      this.#finish(call, handler, { ok: false, code: 'LOGIN_REQUIRED' });
      return;
    }
    const context: CommandContext = { ...this.#parts, call };
    if (handler.lane === 'core') {
      this.#finish(
        call,
        handler,
        attemptNow(() => handler.execute(context, request.value)),
      );
      return;
    }
    const work = async () => {
      this.#finish(call, handler, await attempt(handler.execute(context, request.value)));
    };
    if (!handler.needsEngine(request.value)) void work();
    else if (this.#jobs.hasRoom) this.#jobs.add(call, work);
    else this.#finish(call, handler, { ok: false, code: 'BUSY' });
  }

  /** Answers a request without a look at it. */
  refuse(call: Call, code: CommandFailure): void {
    this.#reply(call, encodeFailure(code));
  }

  /** Takes a request back while it waits or is in the engine: it is answered with `CANCELLED`. */
  cancel(call: Call): void {
    if (this.#jobs.remove(call)) this.#reply(call, encodeFailure('CANCELLED'));
  }

  #finish(call: Call, handler: Handler | undefined, reply: Reply<unknown>): void {
    if (!reply.ok || handler === undefined) {
      this.#reply(call, encodeFailure(reply.ok ? 'DEVICE_FAULT' : reply.code));
      return;
    }
    const plaintext = encodeResponse(handler.command, reply.value);
    const fits = plaintext.length <= call.session.largestPlaintext;
    this.#reply(call, fits ? plaintext : encodeFailure('REQUEST_TOO_LARGE'));
  }
}

/** Whether the session has the login that the command's row in the table asks for. */
function isAllowed({ needs }: Command, request: unknown, { session }: Call): boolean {
  if (needs === 'nothing') return true;
  return session.logins.allows((request as { readonly application: number }).application, needs);
}

const fault: Reply<never> = { ok: false, code: 'DEVICE_FAULT' };

/** A fault of the hardware becomes a refusal. */
function attemptNow(work: () => Reply<unknown>): Reply<unknown> {
  try {
    return work();
  } catch {
    return fault;
  }
}

async function attempt(work: Promise<Reply<unknown>>): Promise<Reply<unknown>> {
  try {
    return await work;
  } catch {
    return fault;
  }
}
