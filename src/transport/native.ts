import { DongleError } from '../errors.ts';

/**
 * Loads a package with native code, only when it is needed.
 *
 * @throws DongleError `UNSUPPORTED` where there is none for this system
 */
export async function importNative<Module>(
  name: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DongleError(
      'UNSUPPORTED',
      `The package ${name} cannot be loaded on this system (${reason}); install what it misses.`,
      { cause },
    );
  }
}
