import {
  connect,
  createTrustStore,
  type Dongle,
  DongleError,
  listDongles,
  testRoot,
} from '../../../src/index.ts';

// What the page does; the guest's program calls it from outside the browser, by name.

const { subtle } = globalThis.crypto;
type Key = Parameters<typeof subtle.exportKey>[1];

/** Every private key that WebCrypto makes or takes in for this page. */
const privateKeys: Key[] = [];

/** Keeps what a method of WebCrypto gives, when it is or has a private key. */
function watchKeys(name: 'generateKey' | 'importKey'): void {
  const method = subtle[name].bind(subtle) as (...args: unknown[]) => Promise<unknown>;
  const watched = async (...args: unknown[]) => {
    const made = (await method(...args)) as Key | { readonly privateKey: Key };
    const key = 'privateKey' in made ? made.privateKey : made;
    if (key.type === 'private') privateKeys.push(key);
    return made;
  };
  Object.defineProperty(subtle, name, { value: watched });
}

watchKeys('generateKey');
watchKeys('importKey');

let open: Dongle | undefined;

/** The literal code of the error that `act` ends with. */
async function codeOf(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return 'none';
  } catch (error) {
    return error instanceof DongleError ? error.code : String(error);
  }
}

async function trust() {
  const store = await createTrustStore({ roots: [testRoot], allowTest: true });
  if (!store.ok) throw new Error(store.detail);
  return store.value;
}

const page = {
  /** Serials of the dongles that the page may use. */
  async list(): Promise<(string | undefined)[]> {
    return (await listDongles()).map(({ serial }) => serial);
  },

  /** Connects, and tells who the dongle is. */
  async connect(serial: string) {
    open = await connect({ trust: await trust(), serial });
    return { ...open.identity, face: open.face, epoch: open.epoch };
  },

  /** Connects where that must fail. */
  async connectFails(serial?: string): Promise<string> {
    const options = { trust: await trust() };
    return codeOf(connect(serial === undefined ? options : { ...options, serial }));
  },

  /** Whether so many bytes come back as they were. */
  async echo(byteCount: number): Promise<boolean> {
    if (open === undefined) throw new Error('no dongle is open');
    const data = Uint8Array.from({ length: byteCount }, (_, i) => i * 7);
    const echo = await open.echo(data, { deadlineMs: 30_000 });
    return echo.length === byteCount && echo.every((byte, i) => byte === data[i]);
  },

  /** Echoes until the dongle goes; gives the code of the error. */
  async echoUntilGone(): Promise<string> {
    for (;;) {
      const code = await codeOf(page.echo(6_000));
      if (code !== 'none') return code;
    }
  },

  async close(): Promise<void> {
    await open?.close();
    open = undefined;
  },

  /** What happens to each private key when the page tries to get it out of WebCrypto. */
  async exportKeys(): Promise<string[]> {
    const formats = ['pkcs8', 'jwk', 'raw'] as const;
    const attempts = privateKeys.flatMap((key) =>
      formats.map((format) =>
        subtle.exportKey(format as 'pkcs8', key).then(
          () => 'exported',
          (error: DOMException) => error.name,
        ),
      ),
    );
    return Promise.all(attempts);
  },
};

/** What the page offers to the guest's program. */
export type Page = typeof page;

Object.assign(globalThis, { page });
