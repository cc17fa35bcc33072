import { readFileSync } from 'node:fs';

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, { readonly types: string } | string>>;
}

/** A public entry, as package.json's "exports" has it. */
export interface PackageEntry {
  /** `index`, `node`, … */
  readonly name: string;
  /** What a program imports: `latchkey`, `latchkey/node`, … */
  readonly specifier: string;
  /** Its declarations in dist. */
  readonly types: string;
}

/** All public entries that have code. */
export function packageEntries(): PackageEntry[] {
  const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  return Object.entries(manifest.exports).flatMap(([path, target]) => {
    if (typeof target === 'string') return [];
    const name = path === '.' ? 'index' : path.slice(2);
    return [{ name, specifier: manifest.name + path.slice(1), types: target.types }];
  });
}
