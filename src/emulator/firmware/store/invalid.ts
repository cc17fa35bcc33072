import type { Outcome } from '../../../errors.ts';

/** Says why a flash holds no store that could be trusted. */
export function invalid(detail: string): Outcome<never, 'FLASH_INVALID'> {
  return { ok: false, code: 'FLASH_INVALID', detail };
}
