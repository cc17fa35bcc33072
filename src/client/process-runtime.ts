import { openPageRuntime } from './page-runtime.ts';
import { PageStorage } from './page-storage.ts';
import { createRuntime, type Runtime } from './runtime.ts';

let ofThisProcess: Promise<Runtime> | undefined;

/**
 * The runtime for whoever brings none, the same each time: that of the page's origin where the
 * browser keeps something for it, and else one in memory.
 */
export function processRuntime(): Promise<Runtime> {
  if (ofThisProcess === undefined) {
    ofThisProcess = PageStorage.exists ? openPageRuntime() : createRuntime();
    // What was in the way may be gone at the next try.
    ofThisProcess.catch(() => {
      ofThisProcess = undefined;
    });
  }
  return ofThisProcess;
}
