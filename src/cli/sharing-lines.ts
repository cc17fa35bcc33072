import type { SharingReport } from '../node.ts';

/** What speaks for or against sharing, for a person: one line each. */
export function sharingLines({ evidence }: SharingReport): string[] {
  return evidence.map(({ weight, detail }) => `${detail}${weight === 'strong' ? ' (proof)' : ''}`);
}
