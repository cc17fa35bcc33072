import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { concatBytes, equalBytes } from '../../src/bytes.ts';
import { connect, DongleError, listDongles, requestDongle } from '../../src/index.ts';
import type { PacketBatch } from '../../src/link.ts';
import { usbFunctions } from '../../src/protocol/usb/index.ts';
import { findVendorFaces } from '../../src/transport/webusb.ts';
import type { HostOptions } from '../support/emulated-usb.ts';
import { EmulatedWebUsb } from '../support/emulated-webusb.ts';
import { testTrust } from '../support/rig.ts';
import { expectNoUnhandledRejections, Heard, initBatch, plugIntoHost, settled } from './plug.ts';

const { inAddress, outAddress } = usbFunctions.vendor;

expectNoUnhandledRejections();

/** A dongle in a port, and a program that sees it. */
async function machine(options?: HostOptions) {
  const host = await plugIntoHost('LK-TEST', options);
  const usb = new EmulatedWebUsb(host);
  const [device] = await usb.getDevices();
  const [face] = await findVendorFaces(usb);
  return { host, usb, device: device!, source: face! };
}

describe.each(['full', 'high'] as const)('at %s speed', (speed) => {
  test('a session over the vendor interface, found by its descriptors', async () => {
    const { usb } = await machine({ speed });
    await using dongle = await connect({ usb, trust: await testTrust() });
    expect(dongle.identity.serial).toBe('LK-TEST');
    expect(dongle.face).toBe('vendor');
    const data = Uint8Array.from({ length: 300 }, (_, i) => i);
    expect(await dongle.echo(data)).toEqual(data);
  });

  test('the largest message takes one transfer each way', async () => {
    const { usb, host } = await machine({ speed });
    await using dongle = await connect({ usb, trust: await testTrust() });
    const counts = () => [outAddress, inAddress].map((address) => host.transfers.get(address)!);
    for (const bytes of [1, 65_000, 65_340, 65_341]) {
      const data = Uint8Array.from({ length: bytes }, (_, i) => i * 7);
      const [out, read] = counts() as [number, number];
      expect(equalBytes(await dongle.echo(data), data)).toBe(true);
      expect(counts(), `${bytes} bytes`).toEqual([out + 1, read + 1]);
    }
  });
});

test('a message is handed on in one batch, in the memory of the read itself', async () => {
  const { source, device } = await machine();
  const read = new ArrayBuffer(70_000);
  device.transferIn = async () => {
    device.transferIn = () => new Promise(() => {});
    return { status: 'ok', data: new DataView(read, 100, 129 * 512) };
  };
  const batches: PacketBatch[] = [];
  await source.open({ packets: (batch) => batches.push(batch), detached: () => {} });
  await settled();
  expect(batches).toMatchObject([{ offset: 0, stride: 512, packetBytes: 512, count: 129 }]);
  expect(batches[0]?.buffer.buffer).toBe(read);
  expect(batches[0]?.buffer.byteOffset).toBe(100);
});

test('packets with gaps between them are sent as well', async () => {
  const { source } = await machine();
  const commands: unknown[] = [];
  const link = await source.open({
    packets: ({ buffer, offset }) => commands.push(buffer[offset + 4]),
    detached: () => {},
  });
  // INIT twice, as other transports would have it.
  const { buffer } = initBatch({ packetBytes: 512, headroomBytes: 3 });
  const twice = concatBytes(buffer, buffer);
  await link.send({ buffer: twice, offset: 3, stride: 515, packetBytes: 512, count: 2 });
  await settled();
  expect(commands).toEqual([0x86, 0x86]);
  await link.close();
});

test('what has been sent is forgotten', async () => {
  const { source, device } = await machine();
  const results: WeakRef<object>[] = [];
  const { transferOut } = device;
  device.transferOut = async (...transfer) => {
    const result = await transferOut.apply(device, transfer);
    results.push(new WeakRef(result));
    return result;
  };
  const link = await source.open(new Heard());
  for (let i = 0; i < 10; i++) {
    await link.send(initBatch(link));
    await settled();
  }
  collectGarbage();
  // The last may still be held by whoever waits for it.
  expect(results.slice(0, -2).filter((result) => result.deref() !== undefined)).toEqual([]);
  await link.close();
});

/** Frees all memory that nothing refers to. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

test('a device without a configuration gets one', async () => {
  const { usb, host } = await machine({ configure: false });
  expect(host.configured).toBe(false);
  await using dongle = await connect({ usb, trust: await testTrust() });
  expect(host.configured).toBe(true);
  await dongle.wink();
});

test('unplugged in the middle of a call: it fails with DETACHED, and so does the next', async () => {
  const { usb, host } = await machine();
  const dongle = await connect({ usb, trust: await testTrust() });
  const call = dongle.rsa.generate({ bits: 2048 });
  await settled();
  host.unplug();
  await expect(call).rejects.toMatchObject({ code: 'DETACHED' });
  await expect(dongle.wink()).rejects.toMatchObject({ code: 'DETACHED' });
  await dongle.close();
  expect(usb.listenerCount).toBe(0);
});

test('unplugged while a message is being sent: the send fails with DETACHED', async () => {
  const { source, host, device } = await machine();
  // Nobody reads, so at last the dongle takes no more.
  device.transferIn = () => new Promise(() => {});
  const heard = new Heard();
  const link = await source.open(heard);
  const sends = Array.from({ length: 200 }, () => link.send(initBatch(link)));
  const outcomes = Promise.allSettled(sends);
  await settled();
  host.unplug();
  const last = (await outcomes).at(-1);
  expect(last).toMatchObject({ status: 'rejected', reason: { code: 'DETACHED' } });
  expect(heard.ends).toEqual(['DETACHED']);
});

test('plugged in again, it is another device and works', async () => {
  const { usb, host } = await machine();
  const trust = await testTrust();
  for (let i = 0; i < 5; i++) {
    const dongle = await connect({ usb, trust });
    host.unplug();
    await expect(dongle.wink()).rejects.toMatchObject({ code: 'DETACHED' });
    await host.plug();
  }
  await using dongle = await connect({ usb, trust });
  await dongle.wink();
  expect(usb.listenerCount).toBe(1);
});

test('a transfer that fails while the device stays is LINK_FAILED', async () => {
  const { source, device } = await machine();
  const heard = new Heard();
  const link = await source.open(heard);
  device.transferOut = () => Promise.reject(new Error('transferOut error: Error: LIBUSB_ERROR_IO'));
  await expect(link.send(initBatch(link))).rejects.toMatchObject({
    code: 'LINK_FAILED',
    cause: { message: /LIBUSB_ERROR_IO/ },
  });
  expect(heard.ends).toEqual(['LINK_FAILED']);
});

test('a halt of the IN endpoint is cleared once, and reading goes on', async () => {
  const { source, host, device } = await machine();
  const heard = new Heard();
  const link = await source.open(heard);
  let clears = 0;
  const { clearHalt } = device;
  device.clearHalt = (...parameters) => {
    clears++;
    return clearHalt.apply(device, parameters);
  };
  host.halt(inAddress);
  await settled();
  await link.send(initBatch(link));
  await settled();
  expect(clears).toBe(1);
  expect(heard.batches).toEqual([1]);
  await link.close();
});

test('a halt of the OUT endpoint is cleared, and the call is repeated', async () => {
  const { usb, host } = await machine();
  await using dongle = await connect({ usb, trust: await testTrust() });
  host.halt(outAddress);
  const data = new Uint8Array(5000).fill(3);
  expect(await dongle.echo(data)).toEqual(data);
});

test('a device that stalls for ever is given up', async () => {
  const { source, device } = await machine();
  const heard = new Heard();
  device.transferIn = async () => ({ status: 'stall' });
  const link = await source.open(heard);
  await settled();
  expect(heard.ends).toEqual(['LINK_FAILED']);
  await expect(link.send(initBatch(link))).rejects.toMatchObject({ code: 'LINK_FAILED' });
});

test('a device that sends more than there is room for is given up', async () => {
  const { source, device } = await machine();
  const heard = new Heard();
  device.transferIn = async () => ({ status: 'babble' });
  await source.open(heard);
  await settled();
  expect(heard.ends).toEqual(['LINK_FAILED']);
});

test.each([
  [0, []],
  [1, []],
  [511, []],
  [512, [1]],
  [1300, [2]],
])('a read of %i bytes is handed on as batches of %j packets', async (bytes, batches) => {
  const { source, device } = await machine();
  const heard = new Heard();
  let reads = 0;
  device.transferIn = async () => {
    if (reads++ > 0) return new Promise(() => {});
    return { status: 'ok', data: new DataView(new ArrayBuffer(bytes)) };
  };
  await source.open(heard);
  await settled();
  expect(heard.batches).toEqual(batches);
});

test('claimed by another program: a sentence that says what to do, and then it works', async () => {
  const { host, usb } = await machine();
  const trust = await testTrust();
  const first = await connect({ usb, trust });
  const other = new EmulatedWebUsb(host);
  const refused = connect({ usb: other, trust });
  await expect(refused).rejects.toMatchObject({
    code: 'LINK_FAILED',
    message: 'Another program has claimed the dongle’s vendor interface; close it and try again.',
  });
  await first.wink();
  await first.close();
  await using second = await connect({ usb: other, trust });
  await second.wink();
});

test('opened twice by one program: the second is refused and harms nothing', async () => {
  const { usb } = await machine();
  const trust = await testTrust();
  await using dongle = await connect({ usb, trust });
  await expect(connect({ usb, trust })).rejects.toMatchObject({
    code: 'LINK_FAILED',
    message: /uses the dongle’s vendor interface already; close/,
  });
  await dongle.wink();
});

test.each([
  ['a page', new DOMException('Access denied.', 'SecurityError'), 'PERMISSION_DENIED', /udev/],
  ['Node', new Error('open error: Error: LIBUSB_ERROR_ACCESS'), 'PERMISSION_DENIED', /udev/],
  ['a page', new DOMException('Gone.', 'NotFoundError'), 'DETACHED', /unplugged/],
  ['Node', new Error('open error: Error: LIBUSB_ERROR_NO_DEVICE'), 'DETACHED', /unplugged/],
  ['Node', new Error('open error: Error: LIBUSB_ERROR_IO'), 'LINK_FAILED', /LIBUSB_ERROR_IO/],
])('in %s, opening fails with “%s”: %s', async (_where, refusal, code, message) => {
  const { source, device } = await machine();
  device.refusal = refusal;
  await expect(source.open(new Heard())).rejects.toMatchObject({ code, message });
  device.refusal = undefined;
  await (await source.open(new Heard())).close();
});

test('closing gives everything back, also what waited to be read', async () => {
  const { source, host, device, usb } = await machine();
  const heard = new Heard();
  const link = await source.open(heard);
  expect(device.pending).toBe(4);
  await Promise.all([link.close(), link.close()]);
  expect(device.pending).toBe(0);
  expect(device.opened).toBe(false);
  expect(host.claims.size).toBe(0);
  expect(usb.listenerCount).toBe(0);
  expect(heard.ends).toEqual([]);
  await expect(link.send(initBatch(link))).rejects.toMatchObject({ code: 'CLOSED' });
});

test('closing does not wait for a system that keeps the transfers', async () => {
  const { source, device } = await machine();
  device.transferIn = () => new Promise(() => {});
  const link = await source.open(new Heard());
  const startMs = performance.now();
  await link.close();
  expect(performance.now() - startMs).toBeLessThan(3000);
});

test('what another program has sent by half does not disturb', async () => {
  const { host, usb } = await machine({ speed: 'full' });
  const other = {};
  // A packet takes eight USB packets at full speed; here are three.
  await host.transfer(other, outAddress, new Uint8Array(3 * 64));
  await using dongle = await connect({ usb, trust: await testTrust(), deadlineMs: 900 });
  await dongle.wink();
});

describe('a page', () => {
  test('is offered the dongle and connects to it', async () => {
    const { usb } = await machine();
    const found = await requestDongle({ usb });
    expect(found.serial).toBe('LK-TEST');
    await using dongle = await connect(found, { trust: await testTrust() });
    await dongle.wink();
  });

  test.each([
    ['NotFoundError', 'NOT_FOUND', /No dongle was chosen/],
    ['SecurityError', 'PERMISSION_DENIED', /click/],
  ])('whose chooser ends with %s: %s', async (name, code, message) => {
    const { usb } = await machine();
    usb.requestDevice = () => Promise.reject(new DOMException('No.', name));
    await expect(requestDongle({ usb })).rejects.toMatchObject({ code, message });
  });

  test('without a dongle is told about requestDongle', async () => {
    const usb = new EmulatedWebUsb();
    expect(await listDongles({ usb })).toEqual([]);
    await expect(connect({ usb, trust: await testTrust() })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: /requestDongle/,
    });
  });

  test('without WebUSB is told which browsers have it', async () => {
    for (const attempt of [listDongles(), requestDongle(), connect({ trust: await testTrust() })]) {
      const error = await attempt.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DongleError);
      expect(error).toMatchObject({
        code: 'UNSUPPORTED',
        message: /Chrome.*https.*latchkey\/node/,
      });
    }
  });
});
