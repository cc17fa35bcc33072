import { toHex } from '../../bytes.ts';
import type { Outcome } from '../../errors.ts';
import { keyIdOf, verifySign1 } from '../cose.ts';
import { openRevocationList, type RevocationList } from './revocation.ts';
import type { TrustedRoot } from './root.ts';

export interface TrustOptions {
  readonly roots: readonly TrustedRoot[];
  /** Whether TEST roots count. False unless given: production. */
  readonly allowTest?: boolean;
  /** Takes dongles of one vendor only, or of one serial. */
  readonly pin?: Pin;
  /** Encoded revocation lists, each signed by one of the roots. */
  readonly revocations?: readonly Uint8Array[];
}

export interface Pin {
  readonly vendor?: number;
  readonly serial?: string;
}

/** Which certificates a host believes. Made by `createTrustStore`. */
export interface TrustStore {
  readonly allowTest: boolean;
  readonly pin: Pin;
  /** By the hexadecimal id of the root's key. */
  readonly roots: ReadonlyMap<string, RootEntry>;
}

/** A root, and what it took back. */
export interface RootEntry {
  readonly root: TrustedRoot;
  /** Hexadecimal ids of the issuers' keys. */
  readonly revokedIssuers: ReadonlySet<string>;
  /** See `dongleName`. */
  readonly revokedDongles: ReadonlySet<string>;
}

/** A dongle's key in a set. */
export function dongleName(vendor: number, serial: string): string {
  return `${vendor}/${serial}`;
}

/**
 * Checks and indexes what a host trusts. A revocation list that cannot be read, or that none of
 * the roots signed, is refused with `INVALID_ARGUMENT`: to ignore it would trust what it revokes.
 * Of several lists by one root the one with the highest number counts.
 */
export async function createTrustStore(
  options: TrustOptions,
): Promise<Outcome<TrustStore, 'INVALID_ARGUMENT'>> {
  const roots = new Map<string, TrustedRoot>();
  for (const root of options.roots) {
    const id = toHex(keyIdOf(root.publicKey));
    if (roots.has(id)) return refuse(`Two trusted roots have the key of ${root.name}; give one.`);
    roots.set(id, root);
  }
  const lists = new Map<string, RevocationList>();
  for (const encoded of options.revocations ?? []) {
    const opened = openRevocationList(encoded);
    if (!opened.ok) {
      return refuse(`A revocation list cannot be read (${opened.detail}); get it again.`);
    }
    const { list, sign1 } = opened.value;
    const id = toHex(sign1.keyId);
    const root = roots.get(id);
    if (root === undefined || !(await verifySign1(sign1, root.publicKey, 'revocationList'))) {
      return refuse(
        `Revocation list ${list.number} is not signed by a trusted root; get it from the vendor again, or add its root.`,
      );
    }
    if (list.number >= (lists.get(id)?.number ?? 0)) lists.set(id, list);
  }
  const entries = [...roots].map(([id, root]) => [id, entryOf(root, lists.get(id))] as const);
  const { allowTest = false, pin = {} } = options;
  return { ok: true, value: { allowTest, pin, roots: new Map(entries) } };
}

function refuse(detail: string): Outcome<TrustStore, 'INVALID_ARGUMENT'> {
  return { ok: false, code: 'INVALID_ARGUMENT', detail };
}

function entryOf(root: TrustedRoot, list: RevocationList | undefined): RootEntry {
  return {
    root,
    revokedIssuers: new Set(list?.issuers.map(toHex)),
    revokedDongles: new Set(list?.dongles.map(({ vendor, serial }) => dongleName(vendor, serial))),
  };
}
