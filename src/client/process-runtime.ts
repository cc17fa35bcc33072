import { openPageRuntime } from './page-runtime.ts';
import { PageStorage } from './page-storage.ts';
import { createRuntime, type Runtime } from './runtime.ts';

/** Gives the same runtime each time, opened at the first. */
export function openedOnce(open: () => Promise<Runtime>): () => Promise<Runtime> {
  let opened: Promise<Runtime> | undefined;
  return () => {
    if (opened === undefined) {
      opened = open();
      // What was in the way may be gone at the next try.
      opened.catch(() => {
        opened = undefined;
      });
    }
    return opened;
  };
}

/**
 * The runtime for whoever brings none: that of the page's origin where the browser keeps something
 * for it, and else one in memory.
 */
export const processRuntime = openedOnce(() =>
  PageStorage.exists ? openPageRuntime() : createRuntime(),
);
