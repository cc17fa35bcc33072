import { expect, test } from 'vitest';
import { suite } from '#crypto';
import { readManufactureBlock } from '../../src/emulator/firmware/manufacture-block.ts';
import { MemoryFlash, manufacture, systemRandom } from '../../src/emulator/index.ts';
import { connect, createRuntime, type LinkListener, type LinkSource } from '../../src/index.ts';
import { chainIdOf } from '../../src/protocol/certificates/index.ts';
import {
  channelHandshake,
  DeviceSession,
  encodeVerdict,
  handshakePrologue,
  helloResponse,
} from '../../src/protocol/channel/index.ts';
import { encodeResponse, random } from '../../src/protocol/commands/index.ts';
import type { Handshake } from '../../src/protocol/noise/index.ts';
import {
  type ChannelId,
  DevicePackets,
  packetCommands,
  recordCommand,
  writePackets,
} from '../../src/protocol/packets/index.ts';
import { encode } from '../../src/protocol/schema/index.ts';
import { testTrust } from '../support/rig.ts';

/** A genuine dongle whose firmware lies about the longest plaintext. */
async function lyingDevice(largestPlaintext: number): Promise<LinkSource> {
  const flash = new MemoryFlash();
  await manufacture(flash, systemRandom, 'LK-LIAR');
  const block = readManufactureBlock(flash);
  if (!block.ok) throw new Error(block.detail);
  const { serial, model, chain } = block.value;
  const staticKey = await suite.importDhKey(block.value.staticKey);
  const packets = new DevicePackets({
    faces: [{ packetBytes: 64, maxMessageBytes: 7609 }],
    channelLimit: 4,
    randomBytes: systemRandom,
    deviceVersion: [1, 0, 0],
  });
  let listener: LinkListener;
  let noise: Handshake;
  let session: DeviceSession | undefined;

  function send(channel: ChannelId, command: number, payload: Uint8Array): void {
    const buffer = new Uint8Array(64 * 129);
    const count = writePackets(buffer, 0, 64, 64, channel, command, payload);
    queueMicrotask(() =>
      listener.packets({ buffer, offset: 0, stride: 64, packetBytes: 64, count }),
    );
  }

  async function execute(channel: ChannelId, command: number, payload: Uint8Array): Promise<void> {
    if (command === packetCommands.HELLO.code) {
      const response = encode(helloResponse, {
        serial,
        model,
        chainId: chainIdOf(chain),
        face: 'hid',
        attachId: new Uint8Array(8),
        versions: [1],
        largestMessage: 65_535,
      });
      const prologue = handshakePrologue(payload, response);
      noise = channelHandshake({ role: 'responder', prologue, staticKey });
      send(channel, command, response);
    } else if (session !== undefined) {
      const step = session.receive(command, payload);
      if (step.kind !== 'request') return;
      const { counter, record } = session.reply(encodeResponse(random, { data: payload }));
      send(channel, recordCommand(counter), record);
    } else {
      await noise.readMessage(payload);
      if (noise.turn === 'write') {
        const message2 = await noise.writeMessage(chain);
        if (message2.ok) send(channel, command, message2.value);
      } else {
        session = new DeviceSession(noise.split());
        const { record } = session.reply(
          encodeVerdict({
            outcome: 'accepted',
            largestPlaintext,
            epoch: 1,
            leaseMs: 10_000,
            ticket: systemRandom(16),
          }),
        );
        send(channel, recordCommand(0), record);
      }
    }
  }

  return {
    face: 'hid',
    async open(taker) {
      listener = taker;
      return {
        face: 'hid',
        packetBytes: 64,
        headroomBytes: 0,
        async send({ buffer, offset, stride, count }) {
          for (let i = 0; i < count; i++) {
            const event = packets.receive(0, buffer, offset + i * stride, 0);
            if (event.kind === 'answer') send(event.channel, event.command, event.payload);
            else if (event.kind === 'request') {
              void execute(event.channel, event.command, event.payload.slice());
            }
          }
        },
        close: async () => {},
      };
    },
  };
}

test.each([7600, 65_535])('a device that claims %i bytes is not believed', async (claimed) => {
  const dongle = await connect(await lyingDevice(claimed), {
    trust: await testTrust(),
    runtime: await createRuntime(),
  });
  await expect(dongle.echo(new Uint8Array(7600))).rejects.toMatchObject({
    code: 'REQUEST_TOO_LARGE',
  });
  expect((await dongle.random(3)).length).toBeGreaterThan(0);
});
