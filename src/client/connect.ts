import { suite } from '#crypto';
import { type Clock, systemClock } from '../clock.ts';
import type { DhKey } from '../crypto/suite.ts';
import { DongleError } from '../errors.ts';
import type { LinkSource } from '../link.ts';
import {
  type DongleIdentity,
  type TrustStore,
  verifyChain,
} from '../protocol/certificates/index.ts';
import {
  channelHandshake,
  channelVersions,
  commonVersion,
  type HelloResponse,
  HostSession,
  handshakePrologue,
  helloRequest,
  helloResponse,
  sealBytes,
  verdict,
} from '../protocol/channel/index.ts';
import { packetCommands, recordCommand } from '../protocol/packets/index.ts';
import { decode, encode } from '../protocol/schema/index.ts';
import type { CallOptions } from './call-options.ts';
import { checkOptions, watchCall } from './deadline.ts';
import { type Dongle, SessionDongle } from './dongle.ts';
import { Exchange } from './exchange.ts';
import { Session } from './session.ts';

/** How to connect to a dongle. */
export interface ConnectOptions extends CallOptions {
  /** The roots to trust; see `createTrustStore`. */
  readonly trust: TrustStore;
  /** Refuse a dongle with another serial (`SERIAL_MISMATCH`). */
  readonly serial?: string;
  /** The static key of this host; a fresh one unless given. */
  readonly identity?: DhKey;
  /** The machine's own clock unless given. */
  readonly clock?: Clock;
}

/** How to ask a dongle who it is. */
export interface HelloOptions extends CallOptions {
  /** The machine's own clock unless given. */
  readonly clock?: Clock;
}

const defaultDeadlineMs = 10_000;

/**
 * Opens the encrypted channel to a dongle: asks who it is, checks its certificate, and gives the
 * typed dongle. By default it takes at most 10 s.
 *
 * @throws DongleError whatever went wrong, and then nothing stays open
 * @example
 * await using dongle = await connect(source, { trust });
 */
export function connect(source: LinkSource, options: ConnectOptions): Promise<Dongle> {
  return overExchange(source, options, (exchange, clock) => greet(exchange, clock, options));
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
  return overExchange(source, options, async (exchange) => {
    const greeting = await sayHello(exchange);
    await exchange.close();
    return greeting.hello;
  });
}

/** Opens an exchange for `use`, within the call's deadline; if that fails, it is closed again. */
async function overExchange<Result>(
  source: LinkSource,
  options: HelloOptions,
  use: (exchange: Exchange, clock: Clock) => Promise<Result>,
): Promise<Result> {
  checkOptions(options);
  const { clock = systemClock, deadlineMs = defaultDeadlineMs } = options;
  let ended: DongleError | undefined;
  let exchange: Exchange | undefined;
  const working = (async () => {
    exchange = await Exchange.open(source, clock, suite.randomBytes(8));
    try {
      if (ended !== undefined) throw ended;
      await exchange.join();
      return await use(exchange, clock);
    } catch (error) {
      await exchange.close();
      throw error;
    }
  })();
  return new Promise((resolve, reject) => {
    const stopWatching = watchCall(clock, deadlineMs, options.signal, (reason) => {
      ended = reason;
      // Closing makes whatever is under way fail; a link that is still being opened is closed then.
      const closing = exchange?.close() ?? Promise.resolve();
      closing.finally(() => reject(reason));
    });
    working.finally(stopWatching).then(resolve, reject);
  });
}

async function greet(exchange: Exchange, clock: Clock, options: ConnectOptions): Promise<Dongle> {
  const { hello, prologue } = await sayHello(exchange);
  if (options.serial !== undefined && options.serial !== hello.serial) {
    throw new DongleError(
      'SERIAL_MISMATCH',
      `The attached dongle is ${hello.serial}, not ${options.serial}; plug in the right one or ask for ${hello.serial}.`,
    );
  }
  const { records, identity } = await shakeHands(exchange, hello, prologue, options);
  // A dongle's word on lengths is not trusted beyond what the link can carry.
  const largestPlaintext = Math.min(
    records.limits.largestPlaintext,
    exchange.largestMessage - sealBytes,
  );
  const session = new Session(clock, exchange, records.session, largestPlaintext);
  return new SessionDongle(session, identity, hello.face);
}

interface Greeting {
  readonly hello: HelloResponse;
  readonly prologue: Uint8Array;
}

/** The same each time, as this software speaks the same versions. */
const helloBytes = encode(helloRequest, { versions: channelVersions });

async function sayHello(exchange: Exchange): Promise<Greeting> {
  return exchange.transact(packetCommands.HELLO.code, helloBytes, (command, payload) => {
    if (command !== packetCommands.HELLO.code) return undefined;
    const response = payload.slice();
    const hello = decode(helloResponse, response);
    if (!hello.ok) return undefined;
    return { hello: hello.value, prologue: handshakePrologue(helloBytes, response) };
  });
}

async function shakeHands(
  exchange: Exchange,
  hello: HelloResponse,
  prologue: Uint8Array,
  options: ConnectOptions,
) {
  const version = commonVersion(channelVersions, hello.versions);
  if (version === undefined) throw new DongleError('VERSION_UNSUPPORTED');
  const staticKey = options.identity ?? (await suite.generateDhKey());
  const noise = channelHandshake({ role: 'initiator', prologue, staticKey });

  const message1 = await written(noise.writeMessage());
  const message2 = await exchange.transact(
    packetCommands.HANDSHAKE.code,
    message1,
    handshakeAnswer,
  );
  const chain = await noise.readMessage(message2);
  const dongleKey = noise.remoteStaticKey;
  if (!chain.ok || dongleKey === undefined) throw new DongleError('HANDSHAKE_REFUSED');

  const identity = await verifyChain(options.trust, chain.value, {
    serial: hello.serial,
    model: hello.model,
    chainId: hello.chainId,
    staticKey: dongleKey,
  });
  if (!identity.ok) throw new DongleError(identity.code, identity.detail);
  if (version < identity.value.minimumProtocol) throw new DongleError('VERSION_UNSUPPORTED');

  const message3 = await written(noise.writeMessage());
  const session = new HostSession(noise.split());
  const limits = await exchange.transact(
    packetCommands.HANDSHAKE.code,
    message3,
    (command, payload) => {
      if (command !== recordCommand(0)) return undefined;
      const plaintext = session.open(payload);
      if (plaintext === undefined) return undefined;
      const said = decode(verdict, plaintext);
      return said.ok ? said.value : undefined;
    },
  );
  return { records: { session, limits }, identity: identity.value satisfies DongleIdentity };
}

function handshakeAnswer(command: number, payload: Uint8Array): Uint8Array | undefined {
  return command === packetCommands.HANDSHAKE.code ? payload.slice() : undefined;
}

async function written(
  step: Promise<{ ok: true; value: Uint8Array } | { ok: false }>,
): Promise<Uint8Array> {
  const message = await step;
  if (!message.ok) throw new DongleError('HANDSHAKE_REFUSED');
  return message.value;
}
