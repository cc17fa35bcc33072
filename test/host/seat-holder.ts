import type { LinkSource } from '../../src/link.ts';
import {
  connect,
  createTrustStore,
  type DongleError,
  openRuntime,
  testRoot,
} from '../../src/node.ts';

// A program that takes a seat and keeps it until it is killed. Its dongle is in the process that
// started it, packets go through the pipe between them. Arguments: its folder.

const [folder] = process.argv.slice(2) as [string];

const packetBytes = 64;
const source: LinkSource = {
  face: 'hid',
  async open(listener) {
    process.on('message', (packets: number[]) => {
      const buffer = Uint8Array.from(packets);
      const count = buffer.length / packetBytes;
      listener.packets({ buffer, offset: 0, stride: packetBytes, packetBytes, count });
    });
    return {
      ...{ face: 'hid', packetBytes, headroomBytes: 0 },
      async send({ buffer, offset, count }) {
        process.send?.([...buffer.subarray(offset, offset + count * packetBytes)]);
      },
      async close() {
        process.disconnect();
      },
    };
  },
};

const trust = await createTrustStore({ roots: [testRoot], allowTest: true });
if (!trust.ok) throw new Error(trust.detail);
const dongle = await connect(source, {
  trust: trust.value,
  runtime: await openRuntime({ folder }),
});
try {
  const { seatsLeft } = await dongle.licenses.take({ application: 200 });
  process.send?.({ seatsLeft });
} catch (error) {
  process.send?.({ refused: (error as DongleError).code });
}
// The lease is renewed in the background, for which alone no program stays alive.
setInterval(() => {}, 1000);
