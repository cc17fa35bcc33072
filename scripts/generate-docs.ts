/**
 * Writes the parts of docs/*.md that come from the code: what stands between
 * `<!-- generated:NAME -->` and `<!-- /generated:NAME -->`. `--check` fails where they differ.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { scenarioTables } from './docs-scenarios.ts';
import { generators as codeTables } from './docs-tables.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const generators: Readonly<Record<string, () => string>> = {
  ...codeTables,
  ...(await scenarioTables()),
};
const unused = new Set(Object.keys(generators));
const problems: string[] = [];

/** The page with every generated part written anew. */
function regenerate(path: string, page: string): string {
  const part = /<!-- generated:(\S+) -->\n([\s\S]*?)<!-- \/generated:(\S+) -->/g;
  const tags = page.match(/<!-- \/?generated:/g)?.length ?? 0;
  let parts = 0;
  const next = page.replace(part, (whole: string, name: string, _old: string, end: string) => {
    parts += 1;
    const generator = generators[name];
    if (generator === undefined || end !== name) {
      problems.push(`${path}: no generator is called ${name}, or its part ends as ${end}`);
      return whole;
    }
    unused.delete(name);
    return `<!-- generated:${name} -->\n\n${generator().trim()}\n\n<!-- /generated:${name} -->`;
  });
  if (tags !== 2 * parts) problems.push(`${path}: a generated part has no beginning or no end`);
  return next;
}

for (const name of readdirSync('docs', { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.md')) continue;
  const path = join('docs', name);
  const page = readFileSync(path, 'utf8');
  const next = regenerate(path, page);
  if (next === page) continue;
  if (values.check) {
    problems.push(`${path} is not what the code says; run \`npm run docs\``);
  } else {
    writeFileSync(path, next);
    console.log(`wrote ${path}`);
  }
}
for (const name of unused) problems.push(`no page has a part generated:${name}`);

for (const problem of problems) console.log(problem);
if (problems.length > 0) process.exitCode = 1;
