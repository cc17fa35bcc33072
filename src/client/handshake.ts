import { suite } from '#crypto';
import { toHex } from '../bytes.ts';
import { DongleError } from '../errors.ts';
import {
  type DongleIdentity,
  type TrustStore,
  verifyChain,
} from '../protocol/certificates/index.ts';
import {
  channelHandshake,
  channelVersions,
  claimSchema,
  commonVersion,
  decodeVerdict,
  type HelloResponse,
  HostSession,
  handshakePrologue,
  helloRequest,
  helloResponse,
  type RuntimeClaim,
  type Verdict,
} from '../protocol/channel/index.ts';
import type { Handshake } from '../protocol/noise/index.ts';
import { packetCommands, recordCommand } from '../protocol/packets/index.ts';
import { decode, encode } from '../protocol/schema/index.ts';
import type { Exchange } from './exchange.ts';
import type { Runtime } from './runtime.ts';

/** What a dongle says of itself, and what binds that to the handshake. */
export interface Greeting {
  readonly hello: HelloResponse;
  readonly prologue: Uint8Array;
}

/** A dongle that has proved who it is, and waits for the runtime's claim. */
export interface Proved {
  /** Names this very dongle, as two vendors may give one serial: serial, `-`, hash of its key. */
  readonly name: string;
  readonly identity: DongleIdentity;
  /** Its static X25519 key, as its certificate says. */
  readonly dongleKey: Uint8Array;
  readonly noise: Handshake;
}

/** What the dongle has said to a claim, and the keys of the session if there is one. */
export interface Decided {
  readonly verdict: Verdict;
  readonly records: HostSession;
}

/** The same each time, as this software speaks the same versions. */
const helloBytes = encode(helloRequest, { versions: channelVersions });

/** HELLO: asks a dongle who it is. */
export async function sayHello(exchange: Exchange): Promise<Greeting> {
  return exchange.transact(packetCommands.HELLO.code, helloBytes, (command, payload) => {
    if (command !== packetCommands.HELLO.code) return undefined;
    const response = payload.slice();
    const hello = decode(helloResponse, response);
    if (!hello.ok) return undefined;
    return { hello: hello.value, prologue: handshakePrologue(helloBytes, response) };
  });
}

/** Messages 1 and 2: the dongle proves that it is the one that its certificate names. */
export async function proveDongle(
  exchange: Exchange,
  { hello, prologue }: Greeting,
  trust: TrustStore,
  runtime: Runtime,
): Promise<Proved> {
  const version = commonVersion(channelVersions, hello.versions);
  if (version === undefined) throw new DongleError('VERSION_UNSUPPORTED');
  const noise = channelHandshake({ role: 'initiator', prologue, staticKey: runtime.key });

  const message1 = await written(noise.writeMessage());
  const message2 = await exchange.transact(
    packetCommands.HANDSHAKE.code,
    message1,
    handshakeAnswer,
  );
  const chain = await noise.readMessage(message2);
  const dongleKey = noise.remoteStaticKey;
  if (!chain.ok || dongleKey === undefined) throw new DongleError('HANDSHAKE_REFUSED');

  const identity = await verifyChain(trust, chain.value, {
    serial: hello.serial,
    model: hello.model,
    chainId: hello.chainId,
    staticKey: dongleKey,
  });
  if (!identity.ok) throw new DongleError(identity.code, identity.detail);
  if (version < identity.value.minimumProtocol) throw new DongleError('VERSION_UNSUPPORTED');
  const name = `${hello.serial}-${toHex(suite.sha256(dongleKey).subarray(0, 8))}`;
  return { name, identity: identity.value, dongleKey, noise };
}

/** Message 3: the runtime says what it wants, and the dongle decides. */
export async function stakeClaim(
  exchange: Exchange,
  noise: Handshake,
  claim: RuntimeClaim,
): Promise<Decided> {
  const message3 = await written(noise.writeMessage(encode(claimSchema, claim)));
  const records = new HostSession(noise.split());
  const verdict = await exchange.transact(
    packetCommands.HANDSHAKE.code,
    message3,
    (command, payload) => {
      if (command !== recordCommand(0)) return undefined;
      const plaintext = records.open(payload);
      if (plaintext === undefined) return undefined;
      const said = decodeVerdict(plaintext);
      return said.ok ? said.value : undefined;
    },
  );
  return { verdict, records };
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
