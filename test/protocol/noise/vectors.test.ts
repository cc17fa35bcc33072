import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes.ts';
import type { CryptoSuite } from '../../../src/crypto/suite.ts';
import {
  createHandshake,
  type HandshakeOptions,
  parsePattern,
  type Role,
} from '../../../src/protocol/noise/index.ts';
import { suites } from '../../crypto/suites.ts';

type Vector = ReadonlyMap<string, string>;

const file = new URL('../../vectors/noise/vectors.txt', import.meta.url);
const vectors: Vector[] = readFileSync(file, 'utf8')
  .trim()
  .split('\n\n')
  .map((block) => new Map(block.split('\n').map((line) => line.split('=') as [string, string])));

async function begin(vector: Vector, role: Role, suite: CryptoSuite) {
  const name = vector.get('handshake')?.split('_')[1] ?? '';
  const pattern = parsePattern(name);
  if (pattern === undefined) throw new Error(`unknown pattern ${name}`);
  const bytes = (key: string) => fromHex(vector.get(key) ?? '');
  const [ours, theirs] = role === 'initiator' ? ['init', 'resp'] : ['resp', 'init'];
  const ephemeral = await suite.importDhKey(bytes(`gen_${ours}_ephemeral`));
  const options: HandshakeOptions = {
    pattern: name,
    role,
    prologue: bytes('prologue'),
    generateEphemeral: () => ephemeral,
    suite,
    ...(vector.has(`${ours}_static`) && {
      staticKey: await suite.importDhKey(bytes(`${ours}_static`)),
    }),
    ...(pattern.known.some((known) => known !== role) && {
      remoteStaticKey: (await suite.importDhKey(bytes(`${theirs}_static`))).publicKey,
    }),
    ...(vector.has('preshared_key') && { psks: [bytes('preshared_key')] }),
  };
  return { handshake: createHandshake(options), messageCount: pattern.messages.length };
}

/** Runs one vector and gives the number of transport messages that were compared. */
async function run(vector: Vector, suite: CryptoSuite): Promise<number> {
  const message = (i: number) => ({
    payload: vector.get(`msg_${i}_payload`) ?? 'missing',
    sealed: vector.get(`msg_${i}_ciphertext`) ?? 'missing',
  });
  const { handshake: initiator, messageCount } = await begin(vector, 'initiator', suite);
  const { handshake: responder } = await begin(vector, 'responder', suite);

  for (let i = 0; i < messageCount; i++) {
    const [writer, reader] = i % 2 === 0 ? [initiator, responder] : [responder, initiator];
    const { payload, sealed } = message(i);
    const written = await writer.writeMessage(fromHex(payload));
    expect(written.ok && toHex(written.value)).toBe(sealed);
    const read = await reader.readMessage(fromHex(sealed));
    expect(read.ok && toHex(read.value)).toBe(payload);
  }
  expect(initiator.handshakeHash).toEqual(responder.handshakeHash);

  const ways = [];
  if (messageCount === 1) {
    ways.push([initiator.splitOneWay(), responder.splitOneWay()] as const);
  } else {
    const [i, r] = [initiator.split(), responder.split()];
    ways.push([i.send, r.receive] as const, [r.send, i.receive] as const);
  }
  for (const [way, [send, receive]] of ways.entries()) {
    const { payload, sealed } = message(messageCount + way);
    expect(toHex(send.seal(0, fromHex(payload)))).toBe(sealed);
    expect(receive.open(0, fromHex(sealed))).toEqual(fromHex(payload));
  }
  return ways.length;
}

describe.each(suites)('Noise vectors over the $name suite', ({ suite }) => {
  it('reproduces every message of all 240 handshakes, and the transport messages after them', async () => {
    expect(vectors).toHaveLength(240);
    expect(new Set(vectors.map((vector) => vector.get('handshake'))).size).toBe(60);
    let handshakes = 0;
    let transportMessages = 0;
    for (const vector of vectors) {
      transportMessages += await run(vector, suite).catch((cause) => {
        throw new Error(`${vector.get('handshake')}: ${cause}`, { cause });
      });
      handshakes++;
    }
    expect(handshakes).toBe(240);
    // Two a handshake, but one for the 36 that are one-way: the key back does not exist there.
    expect(transportMessages).toBe(2 * 240 - 36);
  });
});
