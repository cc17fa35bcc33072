import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * Loads an ES module out of the bench's own packages. The name is not a literal, so that neither
 * the bundler nor the type checker needs the package to be installed; each peer declares the few
 * types it uses.
 */
export async function importPeer<Module>(name: string): Promise<Module> {
  return (await import(name)) as Module;
}

/** The same for packages whose CommonJS build is the one that works in Node. */
export function requirePeer<Module>(name: string): Module {
  return require(name) as Module;
}
