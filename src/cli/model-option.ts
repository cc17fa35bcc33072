import { Option } from 'commander';
import { modelNames } from '../emulator/index.ts';

/** `--model`: what kind of dongle a new one is. */
export function modelOption(): Option {
  return new Option('--model <model>', 'what kind of dongle a new one is')
    .choices(modelNames)
    .default('standard');
}
