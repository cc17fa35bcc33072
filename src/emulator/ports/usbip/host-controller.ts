import {
  encodeSubmitReply,
  encodeUnlinkReply,
  type SubmitRequest,
  transferStatus,
  type UnlinkRequest,
} from '../../../protocol/usbip/index.ts';
import type { UsbSpeed } from '../../board/usb-controller.ts';
import type { HostUsb } from './cable.ts';
import { type Ending, type EndingSink, InQueue, OutQueue, shortStatus } from './transfer-queue.ts';

/** Where a controller's replies go. */
export interface ReplySink {
  /** Whether there is room for another reply. */
  isReady(): boolean;
  send(reply: Uint8Array): void;
}

/** How many transfers may wait, and how many bytes that go out may wait in them. */
const maxWaiting = 1024;
const maxWaitingBytes = 0x80_0000;

/** bmRequestType, bRequest and wValue of a request to a hub to reset one of its ports. */
const resetPort = [0x23, 0x03, 0x04, 0x00] as const;

/** The host's controller at the other end of the cable: does the transfers that an importer asks for. */
export class HostController {
  readonly #usb: HostUsb;
  readonly #speed: UsbSpeed;
  readonly #address: number;
  readonly #sink: ReplySink;
  readonly #queues = new Map<number, InQueue | OutQueue>();
  #waiting = 0;
  #waitingBytes = 0;

  /** @param address - the device's address on the bus, 1 to 127 */
  constructor(usb: HostUsb, speed: UsbSpeed, address: number, sink: ReplySink) {
    this.#usb = usb;
    this.#speed = speed;
    this.#address = address;
    this.#sink = sink;
    this.#reset();
  }

  /** Does the transfer, now or when the device is ready for it. */
  submit(request: SubmitRequest): void {
    if (request.endpoint === 0) {
      this.#control(request);
      return;
    }
    const queue = this.#queueOf(request);
    if (queue === undefined) {
      this.#end({ request, status: transferStatus.stall, byteCount: 0, parts: [] });
      return;
    }
    // Waiting to read the rest of the stream instead would never see what takes a transfer back.
    if (
      this.#waiting === maxWaiting ||
      this.#waitingBytes + request.data.length > maxWaitingBytes
    ) {
      this.#end({ request, status: transferStatus.noRoom, byteCount: 0, parts: [] });
      return;
    }
    this.#count(request, 1);
    queue.add(request);
  }

  /** Takes a transfer back, if it still waits. */
  unlink({ sequence, unlinkSequence }: UnlinkRequest): void {
    for (const queue of this.#queues.values()) {
      const request = queue.remove(unlinkSequence);
      if (request === undefined) continue;
      this.#count(request, -1);
      this.#sink.send(encodeUnlinkReply(sequence, transferStatus.unlinked));
      return;
    }
    this.#sink.send(encodeUnlinkReply(sequence, transferStatus.ok));
  }

  /** The sink has become ready. */
  resume(): void {
    for (const queue of this.#queues.values()) queue.run();
  }

  /** The cable is pulled: nothing that waits gets an answer. */
  close(): void {
    for (const queue of this.#queues.values()) queue.clear();
  }

  /** A bus reset, and the address that the importing kernel's controller keeps to itself. */
  #reset(): void {
    this.#usb.reset(this.#speed);
    this.#usb.control(Uint8Array.of(0x00, 0x05, this.#address, 0, 0, 0, 0, 0));
  }

  #control(request: SubmitRequest): void {
    const { setup, data, direction, byteCount: room } = request;
    const asked = (setup[6] as number) | ((setup[7] as number) << 8);
    const goesIn = ((setup[0] as number) & 0x80) !== 0;
    // The data stage has to be what the setup packet has announced.
    const fits =
      direction === 'in' ? goesIn || asked === 0 : asked === room && (!goesIn || asked === 0);
    let answer: Uint8Array | undefined;
    if (resetPort.every((byte, i) => setup[i] === byte)) {
      this.#reset();
      answer = new Uint8Array(0);
    } else if (fits) {
      answer = this.#usb.control(setup, data);
    }
    if (answer === undefined) {
      this.#end({ request, status: transferStatus.stall, byteCount: 0, parts: [] });
    } else if (direction === 'out') {
      this.#end({ request, status: transferStatus.ok, byteCount: data.length, parts: [] });
    } else {
      const parts = [answer.subarray(0, room)];
      let status: number = transferStatus.ok;
      if (answer.length > room) status = transferStatus.babble;
      if (answer.length < room) status = shortStatus(request);
      this.#end({ request, status, byteCount: Math.min(answer.length, room), parts });
    }
  }

  #queueOf({ direction, endpoint }: SubmitRequest): InQueue | OutQueue | undefined {
    const address = direction === 'in' ? endpoint | 0x80 : endpoint;
    const found = this.#usb.inEndpoint(address) ?? this.#usb.outEndpoint(address);
    if (found === undefined || found.packetBytes === 0) return undefined;
    let queue = this.#queues.get(address);
    if (queue === undefined) {
      const sink = this.#queueSink;
      queue = 'offer' in found ? new OutQueue(sink, found) : new InQueue(sink, found);
      this.#queues.set(address, queue);
    }
    return queue;
  }

  readonly #queueSink: EndingSink = {
    isReady: () => this.#sink.isReady(),
    ended: (ending) => {
      this.#count(ending.request, -1);
      this.#end(ending);
    },
  };

  #count({ data }: SubmitRequest, change: 1 | -1): void {
    this.#waiting += change;
    this.#waitingBytes += change * data.length;
  }

  #end({ request, status, byteCount, parts }: Ending): void {
    this.#sink.send(encodeSubmitReply(request, status, byteCount, parts));
  }
}
