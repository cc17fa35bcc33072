import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';
import * as emulator from '../../src/emulator/index.ts';
import * as latchkey from '../../src/index.ts';
import { root } from '../support/bundle.ts';
import { plugDongle, testTrust } from '../support/rig.ts';
import { testUpdate } from '../support/test-update.ts';
import { testTimeServer } from '../support/time-server.ts';

const AsyncFunction = (async () => {}).constructor as new (
  ...words: string[]
) => (...values: unknown[]) => Promise<void>;

/** Runs code with these names in scope. */
async function run(code: string, scope: Record<string, unknown>): Promise<void> {
  const { code: plain } = await transform(`async () => {${code}}`, {
    loader: 'ts',
    target: 'node20',
  });
  const body = `return (${plain.trim().replace(/;$/, '')})()`;
  // Helpers that esbuild puts in front (for `await using`) stay in front.
  const at = body.lastIndexOf('async () =>');
  const helpers = body.slice('return ('.length, at);
  await new AsyncFunction(...Object.keys(scope), `${helpers}; return (${body.slice(at)}`)(
    ...Object.values(scope),
  );
}

/** The `@example` blocks of the doc comments of a file. */
function examplesIn(path: string): string[] {
  const comments = readFileSync(path, 'utf8').match(/\/\*\*[\s\S]*?\*\//g) ?? [];
  return comments.flatMap((comment) => {
    const example = comment.split('@example')[1];
    return example === undefined ? [] : [example.replace(/\*\/$/, '').replace(/^ *\* ?/gm, '')];
  });
}

/** A few bytes that only this key decrypts, by OAEP with SHA-256. */
async function sealedTo({ modulus, exponent }: latchkey.RsaPublicKey): Promise<Uint8Array> {
  const text = (number: Uint8Array) => Buffer.from(number).toString('base64url');
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-256' };
  const jwk = { kty: 'RSA', n: text(modulus), e: text(exponent) };
  const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['encrypt']);
  return new Uint8Array(await crypto.subtle.encrypt(algorithm, key, Uint8Array.of(1, 2, 3)));
}

const client = join(root, 'src/client');
const examples = readdirSync(client).flatMap((name) =>
  examplesIn(join(client, name)).map((code) => [name, code.trim()] as const),
);

test('the client’s doc comments have examples', () => {
  expect(examples.length).toBeGreaterThan(8);
});

test.each(examples)('the example in %s runs: %s', async (_name, code) => {
  const [vendor, product] = [1, 101];
  const { port, dongle: device } = await plugDongle({
    licenses: [{ product, units: 9, features: 0b11, secret: new Uint8Array(16) }],
  });
  const trust = await testTrust();
  const source = port.source('hid');
  await using dongle = await latchkey.connect(source, { trust });
  const data = new TextEncoder().encode('data');
  const message = data;
  const iv = new Uint8Array(12);
  const sealed = await dongle.aes.encrypt({ mode: 'gcm', iv, data });
  const { key } = await dongle.rsa.generate({ bits: 2048 });
  const ciphertext = await sealedTo(await dongle.rsa.publicKey({ key }));
  const { user: userPassword, administrator: password } = emulator.demoPasswords;
  const newPassword = new Uint8Array(16);
  await dongle.memory.login({ application: 100, role: 'user', password: userPassword });
  const licensed = await dongle.licenses.encrypt({ vendor, product, data });
  const scope: Record<string, unknown> = {
    connect: latchkey.connect,
    hello: latchkey.hello,
    ...{ dongle, source, trust, data, message, iv, sealed, key, ciphertext },
    ...{ password, userPassword, newPassword },
    ...{
      vendor,
      product,
      licensed,
      timeServer: testTimeServer(device),
      updateFile: await testUpdate(dongle),
      console: { log() {} },
    },
  };
  // What an example declares itself is not given to it.
  for (const name of Object.keys(scope)) {
    if (new RegExp(`(const|using) (\\{[^}]*)?\\b${name}\\b`).test(code)) delete scope[name];
  }
  await run(code, scope);
});

test('the program in the README runs', { timeout: 60_000 }, async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const code = readme.match(/```ts\n([\s\S]*?)```/)?.[1] ?? '';
  const imports = [...code.matchAll(/^import \{([^}]*)\} from '([^']*)';\n/gm)];
  const entries: Record<string, object> = { latchkey, 'latchkey/emulator': emulator };
  const scope = Object.fromEntries(
    imports.flatMap(([, names, entry]) =>
      (names as string).split(',').map((name) => {
        const value = (entries[entry as string] as Record<string, unknown>)[name.trim()];
        expect(value, `${name.trim()} of ${entry}`).toBeDefined();
        return [name.trim(), value];
      }),
    ),
  );
  expect(imports.length).toBe(2);
  await run(code.replace(/^import .*\n/gm, ''), scope);
});
