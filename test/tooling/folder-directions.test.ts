import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Lint rules that fire on each line of these files, had the package them alone. */
function lint(files: ReadonlyMap<string, readonly string[]>): Map<string, string[][]> {
  const root = mkdtempSync(join(tmpdir(), 'latchkey-lint-'));
  try {
    for (const name of ['biome.json', 'package.json']) cpSync(name, join(root, name));
    for (const [path, lines] of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), lines.join('\n'));
    }
    const { stdout } = spawnSync(
      process.execPath,
      [
        resolve('node_modules/@biomejs/biome/bin/biome'),
        'lint',
        '--reporter=github',
        '--max-diagnostics=none',
      ],
      { cwd: root, encoding: 'utf8' },
    );
    const found = new Map([...files].map(([path, lines]) => [path, lines.map((): string[] => [])]));
    const diagnostic = /title=lint\/\w+\/(\w+),file=([^,]+),line=(\d+)/g;
    for (const [, rule = '', file = '', line] of stdout.matchAll(diagnostic)) {
      found.get(relative(root, resolve(root, file)))?.[Number(line) - 1]?.push(rule);
    }
    return found;
  } finally {
    rmSync(root, { recursive: true });
  }
}

describe('folder directions', () => {
  const targets = {
    errors: 'errors.ts',
    link: 'link.ts',
    suite: 'crypto/suite.ts',
    'crypto for Node': 'crypto/node.ts',
    'crypto for pages': 'crypto/browser.ts',
    protocol: 'protocol/packets/packet.ts',
    transport: 'transport/hid.ts',
    client: 'client/connect.ts',
    board: 'emulator/board/flash.ts',
    firmware: 'emulator/firmware/boot.ts',
    ports: 'emulator/ports/loopback.ts',
    host: 'host/ticket.ts',
    vendor: 'vendor/issue.ts',
    bridge: 'bridge/daemon.ts',
    conformance: 'conformance/runner.ts',
    cli: 'cli/demo.ts',
    'index.ts': 'index.ts',
    'node.ts': 'node.ts',
  };
  type Target = keyof typeof targets;
  const names = Object.keys(targets) as Target[];

  const foundation: Target[] = ['errors', 'link', 'suite'];
  const pure: Target[] = [...foundation, 'protocol'];
  const parts: Target[] = ['transport', 'client', 'board', 'firmware', 'ports'];
  const tools: Target[] = ['host', 'vendor', 'bridge', 'conformance'];
  const all: Target[] = [...pure, ...parts, ...tools, 'index.ts', 'node.ts'];
  const importers = new Map<string, Target[]>([
    ['errors.ts', foundation],
    ['crypto/node.ts', foundation],
    ['protocol/noise/handshake.ts', pure],
    ['protocol/packets.ts', pure],
    ['transport/hid.ts', [...pure, 'transport']],
    ['client/session.ts', [...pure, 'client']],
    ['emulator/dongle.ts', [...pure, 'board', 'firmware', 'ports']],
    ['emulator/board/clock.ts', [...pure, 'board']],
    ['emulator/firmware/usb/hid.ts', [...pure, 'board', 'firmware']],
    ['emulator/ports/loopback.ts', [...pure, 'board', 'firmware', 'ports']],
    ['host/locks.ts', all],
    ['bridge/daemon.ts', all],
    ['conformance/cases/echo.ts', all],
    ['index.ts', [...pure, 'transport', 'client', 'host', 'index.ts', 'node.ts']],
    ['cli/info.ts', [...all, 'cli']],
  ]);

  const forms = [
    "import { a } from '../emulator/a.ts';",
    "import type { b } from '../emulator/a.ts';",
    "export { c } from '../emulator/a.ts';",
    "const d = await import('../emulator/a.ts');",
  ];

  const found = lint(
    new Map([
      ...[...importers.keys()].map((importer): [string, string[]] => {
        const up = '../'.repeat(importer.split('/').length - 1) || './';
        return [`src/${importer}`, names.map((name) => `export * from '${up}${targets[name]}';`)];
      }),
      ['src/client/forms.ts', forms],
    ]),
  );

  test.each([...importers])('%s imports only what lies below it', (importer, allowed) => {
    const rules = found.get(`src/${importer}`);
    const passed = names.filter((_, i) => !rules?.[i]?.includes('noRestrictedImports'));
    expect(passed.sort()).toEqual([...allowed].sort());
  });

  test.each(forms)('hold for `%s`', (form) => {
    expect(found.get('src/client/forms.ts')?.[forms.indexOf(form)]).toContain(
      'noRestrictedImports',
    );
  });
});

describe('Node', () => {
  const uses = [
    "import 'node:fs';",
    "await import('node:os');",
    'Buffer.alloc(1);',
    'process.exit();',
    'setImmediate(() => {});',
    'console.log(1);',
  ];
  const inPages = [
    ['noNodejsModules'],
    ['noNodejsModules'],
    ['noRestrictedGlobals'],
    ['noRestrictedGlobals'],
    ['noRestrictedGlobals'],
    ['noConsole'],
  ];
  const none = uses.map((): string[] => []);
  const expected = new Map<string, string[][]>([
    ['src/bytes.ts', inPages],
    ['src/index.ts', inPages],
    ['src/protocol/packets/packet.ts', inPages],
    ['src/client/connect.ts', inPages],
    ['src/crypto/browser.ts', inPages],
    ['src/transport/webusb.ts', inPages],
    ['src/crypto/node.ts', none.with(5, ['noConsole'])],
    [
      'src/emulator/board/flash-file.ts',
      none.with(2, ['noRestrictedGlobals']).with(5, ['noConsole']),
    ],
    ['src/cli/demo.ts', none],
  ]);
  const found = lint(new Map([...expected.keys()].map((path) => [path, uses])));

  test.each([...expected])('%s uses of it what it may', (path, rules) => {
    expect(found.get(path)).toEqual(rules);
  });
});
