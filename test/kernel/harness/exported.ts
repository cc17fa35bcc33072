import {
  EmulatedDongle,
  MemoryFlash,
  manufacture,
  systemRandom,
  UsbIpServer,
} from '../../../src/emulator/index.ts';
import { formatUsbIpAddress, type UsbIpAddress } from '../../../src/protocol/usbip/index.ts';

/** This machine, as QEMU's user network shows it to a guest. */
export const hostInGuest = '10.0.2.2';

/** Dongles outside of the guest, where no processor is emulated. */
export interface Exported extends AsyncDisposable {
  /** Where the guest finds them, as the command line wants it. */
  readonly address: string;
}

/** They are plugged in more often than a person would. */
const rules = { attaches: { count: 64, withinMs: 1 } };

/** Exports new dongles, LK-1 and so on, to a guest with a network. */
export async function exportDongles(count: number): Promise<Exported> {
  const dongles: { dongle: EmulatedDongle }[] = [];
  for (let i = 1; i <= count; i++) {
    const flash = new MemoryFlash();
    await manufacture(flash, systemRandom, `LK-${i}`, { rules });
    dongles.push({ dongle: new EmulatedDongle({ flash }) });
  }
  const server = new UsbIpServer(dongles);
  const listening: UsbIpAddress = await server.listen({ host: '127.0.0.1', port: 0 });
  const port = 'port' in listening ? listening.port : 0;
  return {
    address: formatUsbIpAddress({ host: hostInGuest, port }),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
