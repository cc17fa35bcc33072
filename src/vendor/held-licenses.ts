import type { License } from '../protocol/licenses/index.ts';
import type { Operation } from '../protocol/updates/index.ts';

/** A license as the updates of a dongle have left it. */
export interface HeldLicense {
  readonly license: License;
  readonly state: NonNullable<Operation['setLicenseState']>['state'];
}

export type HeldLicenses = ReadonlyMap<number, HeldLicense>;

/** What a dongle holds once these operations are done, by product. */
export function licensesAfter(operations: readonly Operation[]): HeldLicenses {
  const held = new Map<number, HeldLicense>();
  for (const operation of operations) applyTo(held, operation);
  return held;
}

function applyTo(held: Map<number, HeldLicense>, operation: Operation): void {
  const { putLicense, withdrawLicense, addUnits, setLicenseState, checkpoint } = operation;
  const change = (product: number, changed: (old: HeldLicense) => HeldLicense) => {
    const old = held.get(product);
    if (old !== undefined) held.set(product, changed(old));
  };
  if (putLicense !== undefined) {
    const state = held.get(putLicense.product)?.state ?? 'active';
    held.set(putLicense.product, { license: putLicense, state });
  }
  if (withdrawLicense !== undefined) held.delete(withdrawLicense.product);
  if (addUnits !== undefined) {
    change(addUnits.product, ({ license, state }) => ({
      license: { ...license, units: (license.units ?? 0) + addUnits.units },
      state,
    }));
  }
  if (setLicenseState !== undefined) {
    const { product, state } = setLicenseState;
    change(product, ({ license }) => ({ license, state }));
  }
  if (checkpoint !== undefined) {
    const { product, ...renewed } = checkpoint;
    change(product, ({ license, state }) => ({
      license: { ...license, checkpoint: renewed },
      state,
    }));
  }
}
