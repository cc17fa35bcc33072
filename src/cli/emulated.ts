import { existsSync } from 'node:fs';
import {
  EmulatedDongle,
  FileFlash,
  type Flash,
  LoopbackPort,
  MemoryFlash,
  manufacture,
  systemRandom,
} from '../emulator/index.ts';

/** Plugs an emulated dongle into this process: that in a flash file, or a new one. */
export async function plugEmulated(options: {
  readonly flash?: string | undefined;
  readonly serial?: string | undefined;
}): Promise<LoopbackPort> {
  const flash = await findFlash(options.flash, options.serial);
  const port = new LoopbackPort(new EmulatedDongle({ flash }));
  await port.plug();
  return port;
}

async function findFlash(path: string | undefined, serial: string | undefined): Promise<Flash> {
  if (path !== undefined && existsSync(path)) return FileFlash.open(path);
  const flash = new MemoryFlash();
  await manufacture(flash, systemRandom, serial);
  if (path === undefined) return flash;
  const file = FileFlash.create(path, flash);
  process.stderr.write(`Made a new dongle in ${path}.\n`);
  return file;
}
