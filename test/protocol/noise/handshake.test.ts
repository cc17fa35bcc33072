import { describe, expect, test } from 'vitest';
import { noBytes, utf8 } from '../../../src/bytes.ts';
import { suite } from '../../../src/crypto/node.ts';
import type { DhKey } from '../../../src/crypto/suite.ts';
import {
  createHandshake,
  type Handshake,
  type HandshakeOptions,
  maxNoiseMessageBytes,
  parsePattern,
  type Role,
} from '../../../src/protocol/noise/index.ts';

const psk = (fill: number) => new Uint8Array(32).fill(fill);
const staticKeys = {
  initiator: await suite.generateDhKey(),
  responder: await suite.generateDhKey(),
};

/** The options that `name` needs for this role, and none that it does not. */
function optionsFor(name: string, role: Role): HandshakeOptions {
  const pattern = parsePattern(name);
  if (pattern === undefined) throw new Error(`unknown pattern ${name}`);
  const other = role === 'initiator' ? 'responder' : 'initiator';
  return {
    pattern: name,
    role,
    suite,
    psks: Array.from({ length: pattern.pskCount }, (_, i) => psk(i + 1)),
    ...(pattern.usesStatic[role] && { staticKey: staticKeys[role] }),
    ...(pattern.known.includes(other) && { remoteStaticKey: staticKeys[other].publicKey }),
  };
}

const begin = (name: string, role: Role, changes: Partial<HandshakeOptions> = {}) =>
  createHandshake({ ...optionsFor(name, role), ...changes });

async function write(handshake: Handshake, payload = noBytes): Promise<Uint8Array> {
  const step = await handshake.writeMessage(payload);
  if (!step.ok) throw new Error('a message could not be written');
  return step.value;
}

/** Exchanges all messages, and says whether every one was taken. */
async function exchange(initiator: Handshake, responder: Handshake): Promise<boolean> {
  let [writer, reader] = [initiator, responder];
  while (writer.turn === 'write') {
    if (!(await reader.readMessage(await write(writer, utf8('payload')))).ok) return false;
    [writer, reader] = [reader, writer];
  }
  return true;
}

const misuse = expect.objectContaining({ code: 'INVALID_ARGUMENT' });

describe('pre-shared keys', () => {
  const names = ['NNpsk0+psk2', 'XXpsk0+psk1+psk2+psk3', 'IKpsk0+psk2', 'Kpsk0+psk1'];

  test.each(names)('%s completes with the same keys, in their order', async (name) => {
    const [initiator, responder] = [begin(name, 'initiator'), begin(name, 'responder')];
    expect(await exchange(initiator, responder)).toBe(true);
    expect(initiator.handshakeHash).toEqual(responder.handshakeHash);
  });

  test.each(names)(
    '%s never completes with its keys swapped or one of them wrong',
    async (name) => {
      const right = optionsFor(name, 'initiator').psks ?? [];
      const wrongs = right.map((_, at) => right.map((key, i) => (i === at ? psk(99) : key)));
      for (const psks of [[...right].reverse(), ...wrongs]) {
        const [initiator, responder] = [
          begin(name, 'initiator', { psks }),
          begin(name, 'responder'),
        ];
        expect(await exchange(initiator, responder)).toBe(false);
      }
    },
  );
});

describe('the options of a handshake', () => {
  const short = new Uint8Array(31);
  const remoteStaticKey = staticKeys.responder.publicKey;
  const cases: [string, string, Partial<HandshakeOptions>][] = [
    ['an unknown pattern', 'XX', { pattern: 'XXpsk9' }],
    ['a static key that the pattern does not use', 'NN', { staticKey: staticKeys.initiator }],
    ['a remote static key that the pattern would not check', 'XX', { remoteStaticKey }],
    ['a remote static key of another length', 'NK', { remoteStaticKey: short }],
    ['a pre-shared key of another length', 'NNpsk0', { psks: [short] }],
    ['too few pre-shared keys', 'NNpsk0+psk2', { psks: [psk(1)] }],
    ['too many pre-shared keys', 'NN', { psks: [psk(1)] }],
  ];
  test.each(cases)('%s is refused', (_, name, changes) => {
    expect(() => begin(name, 'initiator', changes)).toThrow(misuse);
  });

  test('a static key that the pattern needs must be given', () => {
    const bare = { pattern: 'IK', role: 'initiator', suite } as const;
    expect(() => createHandshake({ ...bare, remoteStaticKey })).toThrow(misuse);
    expect(() => createHandshake({ ...bare, staticKey: staticKeys.initiator })).toThrow(misuse);
  });
});

describe('ephemeral keys', () => {
  test('two handshakes never use the same one', async () => {
    const messages = new Set<string>();
    for (let i = 0; i < 50; i++) messages.add(String(await write(begin('NN', 'initiator'))));
    expect(messages.size).toBe(50);
  });

  test('one that was injected is refused the second time', async () => {
    const key: DhKey = await suite.generateDhKey();
    const generateEphemeral = () => key;
    await write(begin('NN', 'initiator', { generateEphemeral }));
    const again = begin('NN', 'initiator', { generateEphemeral });
    await expect(again.writeMessage()).rejects.toThrow(misuse);
    expect(again.turn).toBe('write');
  });
});

describe('a public key of small order', () => {
  test('is refused where it is first used, and the right message is still taken', async () => {
    const [initiator, responder] = [begin('NN', 'initiator'), begin('NN', 'responder')];
    await responder.readMessage(await write(initiator));
    const message2 = await write(responder);
    const bad = message2.slice().fill(0, 0, 32);
    expect(await initiator.readMessage(bad)).toEqual({ ok: false });
    expect((await initiator.readMessage(message2)).ok).toBe(true);
  });

  test('fails the answer, as a value and not as an exception', async () => {
    const responder = begin('NN', 'responder');
    expect((await responder.readMessage(new Uint8Array(32))).ok).toBe(true);
    expect(await responder.writeMessage()).toEqual({ ok: false });
    expect(responder.turn).toBe('write');
  });
});

describe('lengths', () => {
  test('a message of 65,535 bytes is written and read, a longer one neither', async () => {
    const [initiator, responder] = [begin('N', 'initiator'), begin('N', 'responder')];
    const largest = new Uint8Array(maxNoiseMessageBytes - 48);
    const tooLarge = new Uint8Array(largest.length + 1);
    await expect(initiator.writeMessage(tooLarge)).rejects.toThrow(misuse);
    const message = await write(initiator, largest);
    expect(message).toHaveLength(maxNoiseMessageBytes);
    const longer = new Uint8Array(maxNoiseMessageBytes + 1);
    expect(await responder.readMessage(longer)).toEqual({ ok: false });
    expect(await responder.readMessage(message)).toEqual({ ok: true, value: largest });
  });

  test('a message in clear may not be too long either', async () => {
    const responder = begin('NN', 'responder');
    const longer = new Uint8Array(maxNoiseMessageBytes + 1).fill(9);
    expect(await responder.readMessage(longer)).toEqual({ ok: false });
    expect((await responder.readMessage(longer.subarray(1))).ok).toBe(true);
  });
});

describe('the end of a handshake', () => {
  test('split happens once, and nothing works after it', async () => {
    const [initiator, responder] = [begin('NN', 'initiator'), begin('NN', 'responder')];
    expect(() => initiator.handshakeHash).toThrow(misuse);
    await exchange(initiator, responder);
    expect(() => initiator.splitOneWay()).toThrow(misuse);
    expect(initiator.turn).toBe('split');
    initiator.split();
    expect(initiator.turn).toBe('done');
    expect(() => initiator.split()).toThrow(misuse);
    await expect(initiator.writeMessage()).rejects.toThrow(misuse);
    await expect(initiator.readMessage(new Uint8Array(48))).rejects.toThrow(misuse);
    expect(initiator.handshakeHash).toEqual(responder.handshakeHash);
  });

  test('a one-way handshake has one key', async () => {
    const [initiator, responder] = [begin('X', 'initiator'), begin('X', 'responder')];
    await exchange(initiator, responder);
    expect(() => initiator.split()).toThrow(misuse);
    expect(responder.remoteStaticKey).toEqual(staticKeys.initiator.publicKey);
    const sealed = initiator.splitOneWay().seal(0, utf8('update'));
    expect(responder.splitOneWay().open(0, sealed)).toEqual(utf8('update'));
  });
});

describe('reading a message', () => {
  test('that fails takes back the static key it brought', async () => {
    const [initiator, responder] = [begin('XX', 'initiator'), begin('XX', 'responder')];
    await responder.readMessage(await write(initiator));
    const message2 = await write(responder, utf8('certificate'));
    const bad = message2.slice();
    // The last byte belongs to the payload's tag: the key before it has been read by then.
    bad[bad.length - 1] = (bad.at(-1) ?? 0) ^ 1;
    expect(await initiator.readMessage(bad)).toEqual({ ok: false });
    expect(initiator.remoteStaticKey).toBeUndefined();
    expect((await initiator.readMessage(message2)).ok).toBe(true);
    expect(initiator.remoteStaticKey).toEqual(staticKeys.responder.publicKey);
  });

  test('leaves the buffer it came in, which may be used again at once', async () => {
    // A device reassembles the next message in the same buffer.
    const [initiator, responder] = [begin('XX', 'initiator'), begin('XX', 'responder')];
    const message1 = await write(initiator, utf8('hello'));
    const reading = responder.readMessage(message1);
    message1.fill(0);
    expect(await reading).toEqual({ ok: true, value: utf8('hello') });
    expect((await initiator.readMessage(await write(responder))).ok).toBe(true);
  });
});
