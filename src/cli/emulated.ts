import { existsSync } from 'node:fs';
import {
  EmulatedDongle,
  FileFlash,
  type Flash,
  LoopbackPort,
  MemoryFlash,
  type ModelName,
  manufacture,
  models,
  type RandomSource,
  type Rules,
  systemRandom,
} from '../emulator/index.ts';

/** Which emulated dongle: that in a flash file, or a new one. */
export interface EmulatedOptions {
  readonly flash?: string | undefined;
  /** Of a new one. */
  readonly serial?: string | undefined;
  readonly random?: RandomSource | undefined;
  /** Of a new one; the standard model unless given. */
  readonly model?: ModelName | undefined;
  /** Thresholds of a new one, in place of the usual ones. */
  readonly rules?: Partial<Rules> | undefined;
}

/** Plugs an emulated dongle into this process. */
export async function plugEmulated(options: EmulatedOptions): Promise<LoopbackPort> {
  const port = new LoopbackPort(await emulate(options));
  await port.plug();
  return port;
}

/** Puts an emulated dongle together, without power. */
export async function emulate(options: EmulatedOptions): Promise<EmulatedDongle> {
  const { random = systemRandom } = options;
  return new EmulatedDongle({ flash: await findFlash(options, random), random });
}

async function findFlash(
  { flash: path, serial, model = 'standard', rules }: EmulatedOptions,
  random: RandomSource,
): Promise<Flash> {
  if (path !== undefined && existsSync(path)) return FileFlash.open(path);
  const flash = new MemoryFlash(models[model].flash);
  await manufacture(flash, random, serial, { model, rules });
  if (path === undefined) return flash;
  const file = FileFlash.create(path, flash);
  process.stderr.write(`Made a new dongle in ${path}.\n`);
  return file;
}
