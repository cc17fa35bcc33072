import { actions } from './actions.ts';
import { type Beginning, beginnings, reach } from './beginnings.ts';
import { fingerprint } from './fingerprint.ts';
import { checkOneOwner } from './host.ts';
import { Violation } from './violation.ts';
import type { World } from './world.ts';

/** A property that does not hold, and the shortest way there. */
export interface Found {
  readonly property: string;
  readonly steps: readonly string[];
}

export interface SearchResult {
  /** Different states from which all that can happen has been tried, or will be at the next level. */
  readonly states: number;
  /** Steps that were tried. */
  readonly transitions: number;
  /** All that can happen in so many steps has been tried. */
  readonly depth: number;
  readonly violations: readonly Found[];
}

/** How a state was reached. */
interface Path {
  readonly before: Path | undefined;
  readonly name: string;
}

/** Where the search stops. */
export interface SearchLimits {
  readonly depth: number;
  readonly from?: readonly Beginning[] | undefined;
  /** Told after each level. */
  readonly onLevel?: ((result: SearchResult) => void) | undefined;
}

/** Tries all that can happen, the nearest first, until a property does not hold. */
export function search({ depth: limit, from = beginnings, onLevel }: SearchLimits): SearchResult {
  const seen = new Set<number>();
  let transitions = 0;
  let depth = 0;
  const result = (violations: readonly Found[]): SearchResult => ({
    states: seen.size,
    transitions,
    depth,
    violations,
  });

  let frontier: { readonly world: World; readonly path: Path }[] = [];
  for (const beginning of from) {
    const path = { before: undefined, name: `begin: ${beginning.name}` };
    try {
      frontier.push({ world: reach(beginning), path });
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      return result([{ property: error.property, steps: [path.name] }]);
    }
  }
  for (const { world } of frontier) seen.add(fingerprint(world));
  while (depth < limit && frontier.length > 0) {
    const next: typeof frontier = [];
    for (const { world, path } of frontier) {
      for (const action of actions) {
        const step = { before: path, name: action.name };
        try {
          const reached = action.apply(world);
          if (reached === undefined) continue;
          transitions++;
          checkOneOwner(reached);
          // Of the last level nothing follows, so it need not be known apart.
          if (depth + 1 === limit) continue;
          const print = fingerprint(reached);
          if (seen.has(print)) continue;
          seen.add(print);
          next.push({ world: reached, path: step });
        } catch (error) {
          if (!(error instanceof Violation)) throw error;
          return result([{ property: error.property, steps: stepsOf(step) }]);
        }
      }
    }
    frontier = next;
    depth++;
    onLevel?.(result([]));
  }
  return result([]);
}

function stepsOf(path: Path): string[] {
  const steps: string[] = [];
  for (let at: Path | undefined = path; at !== undefined; at = at.before) steps.unshift(at.name);
  return steps;
}
