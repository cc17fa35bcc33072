import { defineConfig } from 'tsup';

/** The package's entries; package.json's "exports", "imports" and "bin" name the same files. */
const entries = {
  index: 'src/index.ts',
  node: 'src/node.ts',
  protocol: 'src/protocol/index.ts',
  emulator: 'src/emulator/index.ts',
  conformance: 'src/conformance/index.ts',
  'crypto/node': 'src/crypto/node.ts',
};

export default defineConfig({
  entry: { ...entries, 'crypto/browser': 'src/crypto/browser.ts', cli: 'src/cli/main.ts' },
  dts: { entry: entries },
  format: 'esm',
  target: ['node20', 'es2022'],
  platform: 'neutral',
  splitting: true,
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false,
  // Left to whoever loads the package: Node gets crypto/node.js, a bundler for pages browser.js.
  external: ['#crypto', /^node:/],
  // Its fourteen small files take 15 ms to load one by one; see NOTICE for its license.
  noExternal: ['cborg'],
  esbuildOptions(options) {
    // A third of the text is comments, which Node would read at each start; names stay.
    options.minifyWhitespace = true;
    options.minifySyntax = true;
  },
});
