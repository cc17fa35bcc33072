import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { suite } from '#crypto';
import { toHex } from '../bytes.ts';
import type { MaybePromise, SigningKey } from '../crypto/suite.ts';
import { testRootKey } from '../emulator/manufacture.ts';
import { DongleError } from '../errors.ts';
import { createWhole, naming, readWhole, syncFolder } from '../host/whole-file.ts';
import {
  createTrustStore,
  issueIssuerCertificate,
  maxChainBytes,
  parseRoot,
  type TrustedRoot,
  type TrustStore,
  testRoot,
} from '../protocol/certificates/index.ts';
import { maxKeyFileBytes, openKey, sealKey } from './key-file.ts';

// What a vendor has:
//   vendor.json                  who it is
//   root.json                    the root that its customers trust
//   keys/NAME.key                private keys, encrypted: root, issue, update, time
//   certificates/PURPOSE.cert    what the root lets each of the others do
//   ledger/                      one file for each dongle (ledger.ts)
//   revocations/NUMBER.lkr       what the root has taken back (revoke.ts)

/** What the keys below the root are for. */
export const purposes = ['issue', 'update', 'time'] as const;

export type Purpose = (typeof purposes)[number];

/** The fewest characters of a passphrase. */
const shortestPassphrase = 8;

const longestText = 4096;

/** Who a vendor is. */
export interface VendorNames {
  readonly vendor: number;
  /** For people; certificates and error messages show it. */
  readonly name: string;
  /** Under the public TEST root, for emulated dongles; it proves nothing. */
  readonly test: boolean;
}

/** A vendor's folder. */
export class VendorFolder {
  readonly path: string;
  readonly names: VendorNames;
  /** What its dongles are certified under. */
  readonly root: TrustedRoot;

  private constructor(path: string, names: VendorNames, root: TrustedRoot) {
    this.path = path;
    this.names = names;
    this.root = root;
  }

  /**
   * Makes the folder with all keys and certificates: whole, or not at all.
   *
   * @throws DongleError `INVALID_ARGUMENT` for a name or a passphrase that will not do, `FILE_FAILED`
   * where there is something with that path already
   */
  static async create(path: string, names: VendorNames, passphrase: string): Promise<VendorFolder> {
    checkNames(names);
    if (passphrase.length < shortestPassphrase) {
      throw new DongleError(
        'INVALID_ARGUMENT',
        `The passphrase guards all that the vendor signs: give one of at least ${shortestPassphrase} characters.`,
      );
    }
    const place = resolve(path);
    return naming('make', path, async () => {
      await mkdir(dirname(place), { recursive: true });
      const draft = await mkdtemp(join(dirname(place), `.${basename(place)}-`));
      try {
        await fill(draft, names, passphrase);
        // Takes the place of nothing but an empty folder.
        await rename(draft, place);
      } catch (error) {
        await rm(draft, { recursive: true, force: true });
        if (isTaken(error)) throw taken(path);
        throw error;
      }
      await syncFolder(dirname(place));
      return VendorFolder.open(path);
    });
  }

  /** Opens a folder that `create` has made. @throws DongleError `FILE_FAILED` */
  static async open(path: string): Promise<VendorFolder> {
    const text = await readText(join(path, 'vendor.json'));
    const names = parseNames(text);
    const root = parseRoot(await readText(join(path, 'root.json')));
    if (names === undefined || !root.ok) {
      throw new DongleError(
        'FILE_FAILED',
        `${path} is not a vendor's folder, or it is damaged; give another one, or make one with "latchkey vendor init".`,
      );
    }
    return new VendorFolder(path, names, root.value);
  }

  /** Where the ledger is. */
  get ledger(): string {
    return join(this.path, 'ledger');
  }

  /** What the root certified for a purpose. @throws DongleError `FILE_FAILED` */
  certificate(purpose: Purpose): Promise<Uint8Array> {
    return readWhole(join(this.path, 'certificates', `${purpose}.cert`), maxChainBytes);
  }

  /** A private key. @throws DongleError `FILE_FAILED`, `INVALID_ARGUMENT` for a wrong passphrase */
  async key(name: Purpose | 'root', passphrase: string): Promise<SigningKey> {
    if (name === 'root' && this.names.test) return testRootKey();
    const path = join(this.path, 'keys', `${name}.key`);
    return openKey(name, await readText(path, maxKeyFileBytes), path, passphrase);
  }

  /** What the vendor's tools believe of dongles: its root alone. */
  async trust(): Promise<TrustStore> {
    const store = await createTrustStore({ roots: [this.root], allowTest: this.names.test });
    if (!store.ok) throw new DongleError(store.code, store.detail);
    return store.value;
  }
}

async function fill(folder: string, names: VendorNames, passphrase: string): Promise<void> {
  const { vendor, name, test } = names;
  for (const part of ['keys', 'certificates', 'ledger', 'revocations']) {
    await mkdir(join(folder, part), { mode: 0o700 });
  }
  const makeKey = async (keyName: Purpose | 'root'): Promise<SigningKey> => {
    const seed = suite.randomBytes(32);
    await createWhole(
      join(folder, 'keys', `${keyName}.key`),
      await sealKey(keyName, seed, passphrase),
    );
    return suite.importSigningKey(seed);
  };
  const [rootKey, ...keys] = await Promise.all([
    test ? testRootKey() : makeKey('root'),
    ...purposes.map(makeKey),
  ] satisfies MaybePromise<SigningKey>[]);
  for (const [i, purpose] of purposes.entries()) {
    const certificate = await issueIssuerCertificate(rootKey as SigningKey, {
      purpose,
      vendors: [vendor],
      test,
      publicKey: (keys[i] as SigningKey).publicKey,
      name: `${name} (${purpose})`,
    });
    await createWhole(join(folder, 'certificates', `${purpose}.cert`), certificate);
  }
  const root: TrustedRoot = test
    ? testRoot
    : {
        name: `${name} root`,
        publicKey: (rootKey as SigningKey).publicKey,
        test,
        vendors: [vendor],
      };
  const rootFile = { latchkeyRoot: 1, ...root, publicKey: toHex(root.publicKey) };
  await createWhole(join(folder, 'root.json'), json(rootFile));
  await createWhole(join(folder, 'vendor.json'), json({ latchkeyVendor: 1, ...names }));
}

/** The certificates show the name with what each key is for, in 64 characters at most. */
function checkNames({ vendor, name }: VendorNames): void {
  if (!Number.isInteger(vendor) || vendor < 0 || vendor > 0xffff_ffff) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      `The number of a vendor is 0 to ${0xffff_ffff}, not ${vendor}; give the one that you have.`,
    );
  }
  if (!/^[\x20-\x7e]{1,48}$/.test(name)) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      'The name of a vendor has 1 to 48 printable ASCII characters; give another one.',
    );
  }
}

function parseNames(text: string): VendorNames | undefined {
  try {
    const { latchkeyVendor, vendor, name, test } = JSON.parse(text);
    const good =
      latchkeyVendor === 1 &&
      Number.isInteger(vendor) &&
      typeof name === 'string' &&
      typeof test === 'boolean';
    return good ? { vendor, name, test } : undefined;
  } catch {
    return undefined;
  }
}

async function readText(path: string, maxBytes = longestText): Promise<string> {
  return new TextDecoder().decode(await readWhole(path, maxBytes));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function isTaken(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'EPERM'].includes(code);
}

function taken(path: string): DongleError {
  return new DongleError(
    'FILE_FAILED',
    `There is something at ${path} already, and keys are never overwritten; give another folder.`,
  );
}
