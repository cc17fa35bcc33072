import type { SearchResult } from '../model/search.ts';
import faults from './model.json' with { type: 'json' };
import { type Fault, inTurn, runPlanted } from './planted.ts';

/** The rules of the three contracts, each as the fault of not having it. */
export const missingRules: readonly Fault[] = faults;

/** Deep enough for what any rule prevents, from one of the places where the search begins. */
const depth = 5;

/** Searches where one rule is missing. */
export async function searchWithout(rule: Fault): Promise<SearchResult> {
  const label = `model-${missingRules.indexOf(rule)}`;
  const output = await inTurn(() =>
    runPlanted(label, rule, {
      entry: 'test/model/search-child.ts',
      parts: ['src', 'test/model'],
      args: [String(depth)],
    }),
  );
  return JSON.parse(output) as SearchResult;
}
