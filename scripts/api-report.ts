/**
 * Writes what each public entry exports to api/*.api.md, so that a change of the public API shows
 * in review. `--check` fails when the committed reports are not what the code has.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type IConfigFile,
} from '@microsoft/api-extractor';
import { packageEntries } from './package-entries.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const temporary = mkdtempSync(join(tmpdir(), 'latchkey-api-'));
let failed = false;

const configs = packageEntries().map(({ name, types }) => {
  const configObject: IConfigFile = {
    projectFolder: resolve('.'),
    mainEntryPointFilePath: resolve(types),
    compiler: {
      overrideTsconfig: {
        compilerOptions: {
          target: 'es2022',
          lib: ['es2023', 'esnext.disposable', 'dom'],
          module: 'esnext',
          moduleResolution: 'bundler',
          strict: true,
          types: ['node'],
        },
        include: ['dist'],
      },
    },
    apiReport: {
      enabled: true,
      reportFileName: name,
      reportFolder: temporary,
      reportTempFolder: join(temporary, 'temp'),
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    newlineKind: 'lf',
    messages: {
      compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
      // Release tags, underscores and TSDoc's finer points are not what this report is for.
      extractorMessageReporting: {
        default: { logLevel: ExtractorLogLevel.None },
        // A type in the API that a program cannot name: a line in the report says so.
        'ae-forgotten-export': { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
      },
      tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
    },
  };
  return ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: undefined,
    packageJsonFullPath: resolve('package.json'),
  });
});

/**
 * The lines of a report, and the literals of a union, without their order: TypeScript writes what it
 * has inferred in the order in which it met it, which is another one from build to build.
 */
function linesOf(path: string): string {
  const unionOfLiterals = /"[^"]*"(?: \| "[^"]*")+/g;
  const text = readFileSync(path, 'utf8').replace(unionOfLiterals, (union) =>
    union.split(' | ').sort().join(' | '),
  );
  return text.split('\n').sort().join('\n');
}

try {
  mkdirSync('api', { recursive: true });
  const [first] = configs;
  if (first === undefined) throw new Error('package.json has no entries');
  const compilerState = CompilerState.create(first, {
    additionalEntryPoints: configs.map((config) => config.mainEntryPointFilePath),
  });
  for (const config of configs) {
    const { errorCount } = Extractor.invoke(config, {
      compilerState,
      localBuild: true,
      messageCallback(message) {
        // The report's own file is compared below.
        if (message.messageId.startsWith('console-api-report')) message.handled = true;
        if (message.messageId.startsWith('console-compiler-version')) message.handled = true;
        if (message.messageId === 'console-preamble') message.handled = true;
      },
    });
    const fileName = config.reportConfigs[0]?.fileName ?? '';
    const committed = join('api', fileName);
    const report = join(temporary, fileName);
    const same = existsSync(committed) && linesOf(committed) === linesOf(report);
    if (errorCount > 0) failed = true;
    if (!same && values.check) {
      console.log(
        `${committed} is not what the code exports; run \`npm run api\` and look at the difference.`,
      );
      failed = true;
    } else if (!same) {
      copyFileSync(report, committed);
      console.log(`wrote ${committed}`);
    }
  }
} finally {
  rmSync(temporary, { recursive: true });
}
if (failed) process.exitCode = 1;
