import { DongleError } from '../errors.ts';
import type { Link, LinkListener, PacketBatch } from '../link.ts';
import { largestMessage, packetCount } from '../protocol/packets/index.ts';
import { usbFunctions } from '../protocol/usb/index.ts';
import { LinkEnd, settledWithin } from './link-end.ts';
import type {
  UnsharedBytes,
  WebUsb,
  WebUsbDevice,
  WebUsbEvent,
  WebUsbInResult,
} from './webusb-api.ts';
import type { VendorEndpoints } from './webusb-endpoints.ts';

const { packetBytes } = usbFunctions.vendor;

/**
 * What a read has room for: the largest message and one packet more, so that even the end of that
 * message, an empty packet, belongs to its own read.
 */
const readBytes = (packetCount(largestMessage(packetBytes), packetBytes) + 1) * packetBytes;

/**
 * Reads that wait at once. The bus takes 1.3 ms for the largest message at high speed, a program in
 * a browser about as long to ask for the next one; the rest is for when it is late. 266 kB in all.
 */
const queuedReads = 4;

/** Stalls one after the other, each cleared, after which a device is given up. */
const stallLimit = 3;

/** How long closing waits for the system to give the transfers back. */
const closingMs = 1000;

/** A read under way, or what has become of it. It never rejects, as nobody may be waiting for it. */
interface Read {
  readonly result: Promise<WebUsbInResult | { readonly failure: unknown }>;
  /** How often the endpoint had been cleared when it was queued. */
  readonly clears: number;
}

/** The link on a vendor interface that has been claimed. `closed` is called when it is free again. */
export function openVendorLink(
  usb: WebUsb,
  device: WebUsbDevice,
  endpoints: VendorEndpoints,
  listener: LinkListener,
  closed: () => void,
): Link {
  const onDisconnect = (event: WebUsbEvent) => {
    if (event.device === device) end.end(new DongleError('DETACHED'));
  };
  const end = new LinkEnd(listener, async () => {
    usb.removeEventListener('disconnect', onDisconnect);
    // What could not be given back has gone already.
    await device.releaseInterface(endpoints.interfaceNumber).catch(() => {});
    // Releasing ends the transfers; closing a device that still has some would fail.
    await settledWithin(closingMs, Promise.all([reading, writing]));
    await device.close().catch(() => {});
    closed();
  });
  usb.addEventListener('disconnect', onDisconnect);
  let writing: Promise<unknown> = Promise.resolve();
  const reading = readAll(device, endpoints.inNumber, listener, end);

  return {
    face: 'vendor',
    packetBytes,
    headroomBytes: 0,
    async send(batch) {
      if (end.reason !== undefined) throw end.reason;
      const transfer = device.transferOut(endpoints.outNumber, contiguous(batch));
      // Without its results, which would keep those of all transfers before.
      writing = Promise.allSettled([writing, transfer]).then(() => {});
      try {
        const { status } = await transfer;
        // The rest of the message is lost. The packet layer notices, and sends it again.
        if (status === 'stall') await device.clearHalt('out', endpoints.outNumber);
      } catch (cause) {
        throw await end.failed(cause);
      }
    },
    close: () => end.close(),
  };
}

/** A batch's packets without gaps, as the bus wants a message: one transfer, nothing copied. */
function contiguous({ buffer, offset, stride, count }: PacketBatch): UnsharedBytes {
  const bytes = count * packetBytes;
  if (stride === packetBytes) return unshared(buffer.subarray(offset, offset + bytes));
  const packets = new Uint8Array(bytes);
  for (let i = 0; i < count; i++) {
    const start = offset + i * stride;
    packets.set(buffer.subarray(start, start + packetBytes), i * packetBytes);
  }
  return packets;
}

/** Batches are made by this program's own packet layer, in memory of its own. */
function unshared(bytes: Uint8Array): UnsharedBytes {
  return bytes as UnsharedBytes;
}

/** Keeps reads queued and hands on what they bring, until the link ends and all are back. */
async function readAll(
  device: WebUsbDevice,
  endpoint: number,
  listener: LinkListener,
  end: LinkEnd,
): Promise<void> {
  let clears = 0;
  let stalls = 0;
  const queue: Read[] = [];
  const submit = () => {
    const result = device
      .transferIn(endpoint, readBytes)
      .catch((failure: unknown) => ({ failure }));
    queue.push({ result, clears });
  };
  const recover = async () => {
    if (++stalls > stallLimit) {
      end.end(
        new DongleError('LINK_FAILED', 'The device stalls again and again; plug it in anew.'),
      );
      return;
    }
    clears++;
    try {
      await device.clearHalt('in', endpoint);
      submit();
    } catch (cause) {
      void end.failed(cause);
    }
  };

  for (let i = 0; i < queuedReads; i++) submit();
  for (let read = queue.shift(); read !== undefined; read = queue.shift()) {
    const result = await read.result;
    if (end.reason !== undefined) {
      // Only to wait until all are back.
    } else if ('failure' in result) {
      void end.failed(result.failure);
    } else if (result.status === 'babble') {
      end.end(new DongleError('LINK_FAILED', 'The device sent more than was asked for.'));
    } else if (result.status !== 'stall') {
      stalls = 0;
      submit();
      deliver(result.data, listener);
    } else if (read.clears === clears) {
      await recover();
    } else {
      // It met the stall that has been cleared since.
      submit();
    }
  }
}

/** Hands on the whole packets of a read. A read may be empty: it was the end of a message. */
function deliver(data: DataView | undefined, listener: LinkListener): void {
  if (data === undefined) return;
  const count = Math.floor(data.byteLength / packetBytes);
  if (count === 0) return;
  const buffer = new Uint8Array(data.buffer, data.byteOffset, count * packetBytes);
  listener.packets({ buffer, offset: 0, stride: packetBytes, packetBytes, count });
}
