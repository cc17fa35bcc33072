/** Gets what the kernel tests need; the first step of `npm run test:kernel`. */
import { prepareKernel } from '../test/kernel/harness/prepare.ts';

try {
  prepareKernel((line) => console.log(`${performance.now().toFixed(0).padStart(6)} ms  ${line}`));
} catch (error) {
  console.error(`The kernel tests cannot be prepared: ${(error as Error).message}.`);
  process.exitCode = 1;
}
