import type { FaceName } from '../../../link.ts';
import { usbFunctions } from '../../../protocol/usb/index.ts';
import type { InEndpoint, OutEndpoint } from '../../board/endpoints.ts';
import type { UsbController, UsbSpeed } from '../../board/usb-controller.ts';
import { Transmitter } from '../transmitter.ts';
import { usbPacketBytes } from './descriptors.ts';

/** Takes one packet of the packet layer, valid during the call. */
type Take = (bytes: Uint8Array, offset: number) => void;

/** One face of the dongle: packets on a pair of endpoints. */
export class Face {
  readonly name: FaceName;
  readonly interfaceNumber: number;
  /** Size of the packet layer's packets, in bytes. */
  readonly packetBytes: number;
  readonly transmitter: Transmitter;
  readonly #out: OutEndpoint;
  readonly #in: InEndpoint;
  readonly #take: Take;
  /** The packet whose USB packets are still coming in. */
  readonly #gathered: Uint8Array;
  #gatheredBytes = 0;

  constructor(name: FaceName, usb: UsbController, take: Take) {
    const { interfaceNumber, packetBytes, inAddress, outAddress } = usbFunctions[name];
    this.name = name;
    this.interfaceNumber = interfaceNumber;
    this.packetBytes = packetBytes;
    this.#out = usb.outEndpoint(outAddress) as OutEndpoint;
    this.#in = usb.inEndpoint(inAddress) as InEndpoint;
    this.#take = take;
    this.#gathered = new Uint8Array(packetBytes);
    this.transmitter = new Transmitter(this.#in, {
      packetBytes,
      // A host reads reports one by one, but a message of the vendor face in one transfer.
      ends: name === 'vendor',
      onRoom: () => this.#out.ready(),
    });
    this.#out.listen(this.receive);
  }

  /** Switches the endpoints on, as empty as at the first time. */
  enable(speed: UsbSpeed): void {
    this.disable();
    const bytes = usbPacketBytes[this.name][speed];
    // What waits to be let in may be answered at once.
    this.#in.enable(bytes);
    this.#out.enable(bytes);
  }

  /** Switches the endpoints off and drops what they held. */
  disable(): void {
    this.#gatheredBytes = 0;
    this.#in.disable();
    this.#out.disable();
    this.transmitter.flush();
  }

  /** Its endpoint of that address. */
  endpoint(address: number): InEndpoint | OutEndpoint | undefined {
    const { inAddress, outAddress } = usbFunctions[this.name];
    if (address === inAddress) return this.#in;
    return address === outAddress ? this.#out : undefined;
  }

  /** Sets its endpoint of that address going again, with the beginning of a packet. */
  clearHalt(address: number): void {
    const endpoint = this.endpoint(address);
    if (endpoint === this.#out) this.#gatheredBytes = 0;
    endpoint?.halt(false);
  }

  /**
   * Takes one USB packet from the host; false while the host has to read answers first. A short or
   * an empty one ends a transfer, and so whatever came before it is no packet either.
   */
  readonly receive = (bytes: Uint8Array, offset: number, byteCount: number): boolean => {
    if (!this.transmitter.hasRoom) return false;
    if (byteCount !== this.#out.packetBytes) {
      this.#gatheredBytes = 0;
    } else if (byteCount === this.packetBytes) {
      this.#take(bytes, offset);
    } else {
      this.#gather(bytes.subarray(offset, offset + byteCount));
    }
    return true;
  };

  #gather(part: Uint8Array): void {
    this.#gathered.set(part, this.#gatheredBytes);
    this.#gatheredBytes += part.length;
    if (this.#gatheredBytes < this.packetBytes) return;
    this.#gatheredBytes = 0;
    this.#take(this.#gathered, 0);
  }
}
