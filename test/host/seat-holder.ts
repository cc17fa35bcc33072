import type { LinkSource } from '../../src/link.ts';
import {
  connect,
  createTrustStore,
  type DongleError,
  openRuntime,
  type Seat,
  testRoot,
} from '../../src/node.ts';

// A program that takes and releases seats as it is told to. Its dongle is in the process that started
// it, packets go through the pipe between them. Arguments: its folder.

const [folder] = process.argv.slice(2) as [string];

const packetBytes = 64;
const source: LinkSource = {
  face: 'hid',
  async open(listener) {
    process.on('message', (packets: number[] | string) => {
      if (typeof packets === 'string') return;
      const buffer = Uint8Array.from(packets);
      const count = buffer.length / packetBytes;
      listener.packets({ buffer, offset: 0, stride: packetBytes, packetBytes, count });
    });
    return {
      ...{ face: 'hid', packetBytes, headroomBytes: 0 },
      async send({ buffer, offset, count }) {
        process.send?.([...buffer.subarray(offset, offset + count * packetBytes)]);
      },
      async close() {},
    };
  },
};

const trust = await createTrustStore({ roots: [testRoot], allowTest: true });
if (!trust.ok) throw new Error(trust.detail);
const dongle = await connect(source, {
  trust: trust.value,
  runtime: await openRuntime({ folder }),
  onEvent: ({ kind }) => process.send?.({ kind }),
}).catch((error: DongleError) => {
  process.send?.({ refused: error.code });
  process.disconnect();
  return process.exit();
});
const seats: Seat[] = [];

async function take(): Promise<object> {
  try {
    const seat = await dongle.licenses.take({ application: 200 });
    seats.push(seat);
    return { seatsLeft: seat.seatsLeft };
  } catch (error) {
    return { refused: (error as DongleError).code };
  }
}

process.on('message', async (order) => {
  if (order === 'take') process.send?.(await take());
  if (order === 'release') {
    await seats.pop()?.release();
    process.send?.({ released: true });
  }
  if (order === 'close') {
    await dongle.close();
    process.exit();
  }
});
process.send?.({ epoch: dongle.epoch });
// The lease is renewed in the background, for which alone no program stays alive.
setInterval(() => {}, 1000);
