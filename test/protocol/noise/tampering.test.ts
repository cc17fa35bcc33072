import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/bytes.ts';
import {
  createHandshake,
  type Handshake,
  type HandshakeStep,
} from '../../../src/protocol/noise/index.ts';
import { suites } from '../../crypto/suites.ts';

const prologue = utf8('prologue');
const payloads = ['one', 'two', 'three'].map(utf8);

async function write(handshake: Handshake, payload: Uint8Array): Promise<Uint8Array> {
  const step = await handshake.writeMessage(payload);
  if (!step.ok) throw new Error('a message could not be written');
  return step.value;
}

describe.each(suites)('Noise XX on the suite of $name', ({ suite }) => {
  async function pair(): Promise<[Handshake, Handshake]> {
    const end = async (role: 'initiator' | 'responder') =>
      createHandshake({
        pattern: 'XX',
        role,
        prologue,
        suite,
        staticKey: await suite.generateDhKey(),
      });
    return [await end('initiator'), await end('responder')];
  }

  test.each([1, 2])(
    'every altered byte of message %i + 1 is refused alike, and the message itself is taken',
    async (number) => {
      const [initiator, responder] = await pair();
      const ends = [responder, initiator, responder];
      let message = new Uint8Array();
      for (let i = 0; i <= number; i++) {
        message = new Uint8Array(await write(i % 2 === 0 ? initiator : responder, payloads[i]!));
        if (i < number) expect((await ends[i]!.readMessage(message)).ok).toBe(true);
      }
      const reader = ends[number]!;
      const refusals = new Set<string>();
      const tryAltered = async (altered: Uint8Array) => {
        const step: HandshakeStep = await reader.readMessage(altered);
        expect(step.ok).toBe(false);
        refusals.add(JSON.stringify(step));
      };
      for (let at = 0; at < message.length; at++) {
        for (const mask of [0x01, 0x80]) {
          const altered = message.slice();
          altered[at]! ^= mask;
          await tryAltered(altered);
        }
      }
      for (let length = 0; length < message.length; length++) {
        await tryAltered(message.subarray(0, length));
      }
      await tryAltered(Uint8Array.of(...message, 0));
      expect(refusals).toEqual(new Set(['{"ok":false}']));
      const step = await reader.readMessage(message);
      expect(step.ok && step.value).toEqual(payloads[number]);
    },
  );

  test('a message 1 with any byte altered never leads to a session', async () => {
    // Message 1 is in clear, so the responder cannot notice; the initiator does at message 2.
    const [probe] = await pair();
    const length = (await write(probe, payloads[0]!)).length;
    for (let at = 0; at < length; at++) {
      for (const mask of [0x01, 0x80]) {
        const [initiator, responder] = await pair();
        const message = await write(initiator, payloads[0]!);
        message[at]! ^= mask;
        const read = await responder.readMessage(message);
        if (!read.ok) continue;
        const message2 = await write(responder, payloads[1]!);
        expect(await initiator.readMessage(message2)).toEqual({ ok: false });
      }
    }
  });

  test('another prologue never leads to a session', async () => {
    const [initiator] = await pair();
    const responder = createHandshake({
      pattern: 'XX',
      role: 'responder',
      prologue: utf8('Prologue'),
      suite,
      staticKey: await suite.generateDhKey(),
    });
    await responder.readMessage(await write(initiator, payloads[0]!));
    expect(await initiator.readMessage(await write(responder, payloads[1]!))).toEqual({
      ok: false,
    });
  });

  test('a good handshake gives both the same keys and hash, and each the other’s static key', async () => {
    const [initiator, responder] = await pair();
    await responder.readMessage(await write(initiator, payloads[0]!));
    await initiator.readMessage(await write(responder, payloads[1]!));
    await responder.readMessage(await write(initiator, payloads[2]!));
    expect(initiator.handshakeHash).toEqual(responder.handshakeHash);
    expect(initiator.remoteStaticKey).toHaveLength(32);
    const [ours, theirs] = [initiator.split(), responder.split()];
    for (const [from, to] of [
      [ours.send, theirs.receive],
      [theirs.send, ours.receive],
    ] as const) {
      const sealed = from.seal(7, utf8('abc'));
      expect(to.open(8, sealed)).toBeUndefined();
      expect(to.open(7, sealed)).toEqual(utf8('abc'));
    }
  });

  test('calls out of turn, or while another is pending, throw and change nothing', async () => {
    const [initiator, responder] = await pair();
    await expect((async () => initiator.readMessage(new Uint8Array(96)))()).rejects.toThrow();
    await expect((async () => initiator.split())()).rejects.toThrow();
    const first = initiator.writeMessage(payloads[0]!);
    await expect((async () => initiator.writeMessage(payloads[0]!))()).rejects.toThrow();
    const step = await first;
    if (!step.ok) throw new Error('a message could not be written');
    expect((await responder.readMessage(step.value)).ok).toBe(true);
  });
});
