import { rmSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

/** The package's entries; package.json's "exports" and "imports" name the same files. */
const library = {
  index: 'src/index.ts',
  node: 'src/node.ts',
  protocol: 'src/protocol/index.ts',
  emulator: 'src/emulator/index.ts',
  conformance: 'src/conformance/index.ts',
};

const common: Options = {
  format: 'esm',
  target: ['node20', 'es2022'],
  platform: 'neutral',
  sourcemap: true,
  clean: false,
  removeNodeProtocol: false,
  // Left to whoever loads the package: Node gets crypto/node.js, a bundler for pages browser.js.
  external: ['#crypto', /^node:/],
  esbuildOptions(options) {
    // A third of the text is comments, which Node would read at each start; names stay.
    options.minifyWhitespace = true;
    options.minifySyntax = true;
  },
};

// Each file costs Node a third of a millisecond or more when the package is imported, and files that are bundled
// together fall to pieces where one needs less than another. So what shares no objects with the
// library is bundled apart.
export default defineConfig(({ clean = true }) => {
  if (clean) rmSync('dist', { recursive: true, force: true });
  return [
    {
      ...common,
      entry: library,
      dts: { entry: { ...library, 'crypto/node': 'src/crypto/node.ts' } },
      splitting: true,
    },
    {
      ...common,
      entry: { 'crypto/node': 'src/crypto/node.ts', 'crypto/browser': 'src/crypto/browser.ts' },
      splitting: false,
    },
    { ...common, entry: { cli: 'src/cli/main.ts' }, splitting: true },
  ];
});
