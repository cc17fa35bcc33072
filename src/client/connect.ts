import { suite } from '#crypto';
import { type Clock, type HostClock, systemClock } from '../clock.ts';
import { DongleError } from '../errors.ts';
import type { LinkSource } from '../link.ts';
import type { TrustStore } from '../protocol/certificates/index.ts';
import { type HelloResponse, sealBytes } from '../protocol/channel/index.ts';
import { bondOf } from './bond.ts';
import type { CallOptions } from './call-options.ts';
import { lockedOut, makeClaim, refusalError } from './claim.ts';
import { checkOptions, watchCall } from './deadline.ts';
import { type Dongle, SessionDongle } from './dongle.ts';
import { Ending } from './ending.ts';
import type { DongleEvent } from './events.ts';
import { Exchange } from './exchange.ts';
import { type Greeting, proveDongle, sayHello, stakeClaim } from './handshake.ts';
import { beginLease, momentOf } from './lease.ts';
import { processRuntime } from './process-runtime.ts';
import type { Runtime } from './runtime.ts';
import type { SharingPolicy } from './sharing.ts';

/** How to connect to a dongle. */
export interface ConnectOptions extends CallOptions {
  /** The roots to trust; see `createTrustStore`. */
  readonly trust: TrustStore;
  /** Refuse a dongle with another serial (`SERIAL_MISMATCH`). */
  readonly serial?: string;
  /**
   * Who this host is. Unless given, `latchkey/node` takes that of the machine (see `openRuntime`), and
   * `latchkey` that of the page's origin, or without a page one in memory.
   */
  readonly runtime?: Runtime;
  /** What to do when it turns out that another machine uses the dongle too; `refuse` unless given. */
  readonly sharing?: SharingPolicy;
  /** Hears what happens to the dongle, each thing once. What it throws is lost. */
  readonly onEvent?: (event: DongleEvent) => void;
  /** The machine's own clocks unless given. */
  readonly clock?: HostClock;
}

/** How to ask a dongle who it is. */
export interface HelloOptions extends CallOptions {
  /** The machine's own clock unless given. */
  readonly clock?: Clock;
}

const defaultDeadlineMs = 10_000;

/**
 * Opens the encrypted channel to a dongle: asks who it is, checks its certificate, binds it to this
 * runtime and gives the typed dongle. By default it takes at most 10 s.
 *
 * @throws DongleError whatever went wrong, and then nothing stays open: `BOUND_ELSEWHERE`,
 * `LOCKED_OUT` and `SHARED` tell in `waitMs` how long that lasts
 * @param findRuntime - gives the runtime for whoever brings none
 * @example
 * await using dongle = await connect(source, { trust });
 */
export function connect(
  source: LinkSource,
  options: ConnectOptions,
  findRuntime: () => Promise<Runtime> = processRuntime,
): Promise<Dongle> {
  const { clock = systemClock } = options;
  return overExchange(source, options, clock, async (exchange, ending) => {
    const greeting = await sayHello(exchange);
    checkGreeting(greeting.hello, options);
    // Only now, so that whoever has no dongle is told that first.
    const runtime = options.runtime ?? (await findRuntime());
    return bind(exchange, greeting, runtime, clock, options, ending);
  });
}

/**
 * Asks a dongle who it is, without a session. Anybody can say so; only `connect()` proves it. By
 * default it takes at most 10 s.
 *
 * @throws DongleError whatever went wrong
 * @example
 * const { serial, model } = await hello(source);
 */
export function hello(source: LinkSource, options: HelloOptions = {}): Promise<HelloResponse> {
  const { clock = systemClock } = options;
  return overExchange(source, options, clock, async (exchange) => {
    const greeting = await sayHello(exchange);
    await exchange.close();
    return greeting.hello;
  });
}

/** Opens an exchange for `use`, within the call's deadline; if that fails, it is closed again. */
async function overExchange<Result>(
  source: LinkSource,
  options: CallOptions,
  clock: Clock,
  use: (exchange: Exchange, ending: Ending) => Promise<Result>,
): Promise<Result> {
  checkOptions(options);
  const { deadlineMs = defaultDeadlineMs } = options;
  const ending = new Ending();
  let exchange: Exchange | undefined;
  const working = (async () => {
    exchange = await Exchange.open(source, clock, suite.randomBytes(8));
    try {
      ending.throwIfOver();
      await exchange.join();
      const result = await use(exchange, ending);
      ending.throwIfOver();
      return result;
    } catch (error) {
      await exchange.close();
      throw error;
    }
  })();
  return new Promise((resolve, reject) => {
    const stopWatching = watchCall(clock, deadlineMs, options.signal, (reason) => {
      ending.end(reason);
      // Closing makes whatever is under way fail; a link that is still being opened is closed then.
      const closing = exchange?.close() ?? Promise.resolve();
      void closing.then(() => reject(reason));
    });
    working.finally(stopWatching).then(resolve, reject);
  });
}

/** Whether this is the dongle that is meant, and it talks to anybody at all. */
function checkGreeting({ serial, lockedSeconds }: HelloResponse, options: ConnectOptions): void {
  if (options.serial !== undefined && options.serial !== serial) {
    throw new DongleError(
      'SERIAL_MISMATCH',
      `The attached dongle is ${serial}, not ${options.serial}; plug in the right one or ask for ${serial}.`,
    );
  }
  if (lockedSeconds !== undefined) throw lockedOut(lockedSeconds * 1000);
}

async function bind(
  exchange: Exchange,
  greeting: Greeting,
  runtime: Runtime,
  clock: HostClock,
  options: ConnectOptions,
  ending: Ending,
): Promise<Dongle> {
  const { face } = greeting.hello;
  const proved = await proveDongle(exchange, greeting, options.trust, runtime);
  const { name, identity, dongleKey, noise } = proved;
  const bond = bondOf(runtime, name);
  bond.addChannel(exchange.channel);
  return bond.inTurn(async (decided) => {
    ending.throwIfOver();
    if (bond.superseded) throw new DongleError('SUPERSEDED');
    const asked = momentOf(clock);
    const { invitation, release } = await bond.hold(ending, decided);
    try {
      ending.throwIfOver();
      // What has renewed the dongle's lease is the claim, or whoever gave the invitation.
      const claimed = invitation === undefined ? momentOf(clock) : asked;
      const claim = await makeClaim(runtime, name, invitation, clock);
      const { verdict, records } = await stakeClaim(exchange, noise, claim);
      if (verdict.outcome !== 'accepted') throw refusalError(verdict);
      const { epoch, leaseMs, ticket } = verdict;
      // Before anything else: the first request makes the ticket before it worthless.
      if (ticket !== undefined) await runtime.keepTicket(name, ticket);
      if (exchange.ended !== undefined) throw exchange.ended;
      const dongle = new SessionDongle(
        {
          clock,
          exchange,
          records,
          // A dongle's word on lengths is not trusted beyond what the link can carry.
          largestPlaintext: Math.min(verdict.largestPlaintext, exchange.largestMessage - sealBytes),
          instance: claim.instance,
          lease: beginLease(leaseMs, claimed),
        },
        { identity, dongleKey, face, epoch, isNew: ticket !== undefined },
        { inspect: (path) => runtime.inspect(path), bond, release },
        options,
      );
      // The machine may have stood still since the claim.
      dongle.throwIfOver();
      return dongle;
    } catch (error) {
      release();
      throw error;
    }
  });
}
