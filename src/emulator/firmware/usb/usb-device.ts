import type { UsbEvents, UsbSpeed } from '../../board/usb-controller.ts';
import { configurationValue, type FindDescriptor } from './descriptors.ts';
import type { Face } from './face.ts';
import { answerRequest } from './requests.ts';

/**
 * Where the device stands (USB 2.0 §9.1). The specification's default and address states are one
 * here: a host that reaches the device over USB/IP gives it an address without telling it, so
 * whatever works with an address has to work without. `testing` lasts until the power is cut.
 */
export type DeviceState = 'unconfigured' | 'configured' | 'testing';

/** Who hears what the bus means for the rest of the firmware. */
export interface UsbDeviceOwner {
  /** Whatever travelled is void, and so is every session. */
  reset(): void;
  /** An attach begins: the first configuration after a power-up or a bus reset. */
  attached(): void;
}

/** The USB device that the firmware is: its state, and endpoint 0. */
export class UsbDevice implements UsbEvents {
  readonly #faces: readonly Face[];
  readonly #owner: UsbDeviceOwner;
  readonly findDescriptor: FindDescriptor;
  #state: DeviceState = 'unconfigured';
  #speed: UsbSpeed = 'full';
  #attached = false;

  constructor(faces: readonly Face[], findDescriptor: FindDescriptor, owner: UsbDeviceOwner) {
    this.#faces = faces;
    this.findDescriptor = findDescriptor;
    this.#owner = owner;
  }

  get state(): DeviceState {
    return this.#state;
  }

  get speed(): UsbSpeed {
    return this.#speed;
  }

  reset(speed: UsbSpeed): void {
    if (this.#state === 'testing') return;
    this.#speed = speed;
    this.#void('unconfigured');
  }

  control(setup: Uint8Array, data: Uint8Array): Uint8Array | undefined {
    return this.#state === 'testing' ? undefined : answerRequest(this, setup, data);
  }

  /**
   * SET_CONFIGURATION: the endpoints begin anew, or are switched off at 0. Sessions stay. False if
   * there is no such configuration.
   */
  configure(value: number): boolean {
    if (value !== 0 && value !== configurationValue) return false;
    for (const face of this.#faces) face.disable();
    this.#state = value === 0 ? 'unconfigured' : 'configured';
    if (value === 0) return true;
    if (!this.#attached) {
      this.#attached = true;
      this.#owner.attached();
    }
    for (const face of this.#faces) face.enable(this.#speed);
    return true;
  }

  /** SET_INTERFACE: the endpoints of one face begin anew. */
  restart(face: Face): void {
    face.enable(this.#speed);
  }

  /** TEST_MODE: the device sends test signals and does nothing else any more (USB 2.0 §9.4.9). */
  enterTest(): void {
    this.#void('testing');
  }

  /** The face of an interface, while the device is configured. */
  face(interfaceNumber: number): Face | undefined {
    if (this.#state !== 'configured') return undefined;
    return this.#faces.find((face) => face.interfaceNumber === interfaceNumber);
  }

  /** The face that an endpoint belongs to, while the device is configured. */
  faceOfEndpoint(address: number): Face | undefined {
    if (this.#state !== 'configured') return undefined;
    return this.#faces.find((face) => face.endpoint(address) !== undefined);
  }

  #void(state: DeviceState): void {
    for (const face of this.#faces) face.disable();
    this.#state = state;
    this.#attached = false;
    this.#owner.reset();
  }
}
