import { readFileSync } from 'node:fs';
import { DongleError } from '../errors.ts';
import {
  createTrustStore,
  parseRoot,
  type TrustedRoot,
  type TrustStore,
  testRoot,
} from '../protocol/certificates/index.ts';

/** The trust store that the options ask for: the given root files, or else the TEST root. */
export async function trustFrom(options: {
  readonly root?: readonly string[] | undefined;
  readonly production?: boolean | undefined;
}): Promise<TrustStore> {
  const store = await createTrustStore({
    roots: options.root?.map(readRoot) ?? [testRoot],
    allowTest: options.production !== true,
  });
  if (!store.ok) throw new DongleError(store.code, store.detail);
  return store.value;
}

function readRoot(path: string): TrustedRoot {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new DongleError('FILE_FAILED', `Cannot read the root file ${path}; check the path.`, {
      cause,
    });
  }
  const root = parseRoot(text);
  if (!root.ok) throw new DongleError(root.code, `${path}: ${root.detail}`);
  return root.value;
}
