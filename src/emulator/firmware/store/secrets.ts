import type { Flash } from '../../board/flash.ts';
import { entryBytes, isWhole, isWiped, secretSpan } from './entry.ts';
import { readPage } from './page.ts';
import type { Place, Places } from './places.ts';
import { pageImage } from './ring.ts';

/** How it is with the secrets that count. */
export interface SecretsState {
  /** Those that have not been wiped. */
  readonly unwiped: number;
  /** Where one lies that is not as it was written. */
  readonly damagedAt: number | undefined;
}

/** Checks the secrets that count. */
export function checkSecrets(flash: Flash, places: Places): SecretsState {
  let unwiped = 0;
  let damagedAt: number | undefined;
  for (const { address, kind, valueBytes } of places.values()) {
    if (kind !== 'secret') continue;
    const bytes = flash.read(address, entryBytes(kind, valueBytes));
    const entry = { at: 0, valueBytes };
    if (!isWhole(bytes, entry)) damagedAt = address;
    if (!isWiped(bytes, entry)) unwiped++;
  }
  return { unwiped, damagedAt };
}

/** Wipes all secrets in the pages from `oldest` to `newest` that do not count. */
export function wipeSecrets(flash: Flash, oldest: number, newest: number, places: Places): void {
  for (let sequence = oldest; sequence <= newest; sequence++) {
    const { address, bytes } = pageImage(flash, sequence);
    for (const { entries } of readPage(bytes, sequence)?.frames ?? []) {
      for (const entry of entries) {
        const { id, at, kind, valueBytes } = entry;
        if (kind !== 'secret' || isWiped(bytes, entry) || places.isAt(id, address + at)) continue;
        wipeSecret(flash, { address: address + at, kind, valueBytes });
      }
    }
  }
}

/** Zeroes a secret where it lies. */
export function wipeSecret(flash: Flash, { address, valueBytes }: Place): void {
  const { from, to } = secretSpan({ at: address, valueBytes });
  flash.program(from, new Uint8Array(to - from));
}
