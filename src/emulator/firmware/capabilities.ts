import { type Capability, capabilityBits } from '../../protocol/certificates/index.ts';
import type { CommandContext } from './handler.ts';

/** Whether this model can do that, as its certificate says. */
export function hasCapability({ manufacture }: CommandContext, capability: Capability): boolean {
  return ((manufacture.capabilities >>> capabilityBits[capability]) & 1) === 1;
}
