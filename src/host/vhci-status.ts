/** A port of the kernel's virtual USB hubs (drivers/usb/usbip/vhci_sysfs.c). */
export interface VhciPort {
  /** Number over all hubs, which attaching and detaching name it by. */
  readonly port: number;
  /** Of USB 2 (`hs`: low to high speed) or of USB 3 (`ss`). */
  readonly hub: 'hs' | 'ss';
  /** `enumerating` until the kernel has given the device an address. */
  readonly state: 'free' | 'enumerating' | 'attached' | 'failed';
  /** As the server has it: bus number in the upper 16 bits, device number in the lower. */
  readonly deviceId: number;
  /** Where the device is on this machine, such as `3-1`; `0-0` unless attached. */
  readonly localBusId: string;
}

/** Values of the column `sta` (enum usbip_device_status). */
const states: Readonly<Record<number, VhciPort['state']>> = {
  4: 'free',
  5: 'enumerating',
  6: 'attached',
  7: 'failed',
};

/** Columns: hub, port, status, speed, device id in hexadecimal, socket, local bus id. */
const row = /^(hs|ss)\s+(\d+)\s+(\d+)\s+\d+\s+([0-9a-f]{8})\s+\S+\s+(\S+)\s*$/;

/** Reads a `status` file of vhci_hcd; lines that are no port's are left out. */
export function parseVhciStatus(text: string): VhciPort[] {
  return text.split('\n').flatMap((line) => {
    const [, hub, port, status, deviceId = '', localBusId = ''] = row.exec(line) ?? [];
    const state = states[Number(status)];
    if ((hub !== 'hs' && hub !== 'ss') || state === undefined) return [];
    return [
      { port: Number(port), hub, state, deviceId: Number.parseInt(deviceId, 16), localBusId },
    ];
  });
}
