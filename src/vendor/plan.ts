import { DongleError } from '../errors.ts';
import { serialSchema } from '../protocol/certificates/index.ts';
import { type License, productSchema } from '../protocol/licenses/index.ts';
import { field, type Shape, struct } from '../protocol/schema/index.ts';
import { type Operation, operationSchema } from '../protocol/updates/index.ts';
import { PlanError, type RandomPlace, readPlanValue } from './plan-values.ts';

/** Takes a license from the dongle, for another one to get what is left of it. */
export interface MoveLicense {
  readonly product: number;
  /** The serial of the other dongle. */
  readonly to: string;
}

/** What a plan wants of one update. */
export interface Plan {
  readonly operations: readonly Operation[];
  /** Each stands as a `withdrawLicense` among the operations. */
  readonly moves: readonly MoveLicense[];
}

/** Operations of one plan at most, as an update holds no more. */
export const maxOperations = 64;

const moveSchema = struct({ product: field(1, productSchema), to: field(2, serialSchema) });

/** What a plan can say: what an update can, and moving. */
const words: Shape = {
  kind: 'struct',
  fields: [
    ...fieldsOf(operationSchema),
    { name: 'moveLicense', key: 0, required: false, shape: moveSchema },
  ],
};

function fieldsOf(shape: Shape) {
  return shape.kind === 'struct' ? shape.fields : [];
}

/** Where values come from that a plan leaves to the tools. */
export interface PlanSources {
  readonly randomBytes: (count: number) => Uint8Array;
  /** The secret of a product that has one already: what is encrypted under it stays readable. */
  readonly secretOf: (product: number) => Uint8Array | undefined;
}

/**
 * Reads a plan: JSON such as `{ "operations": [{ "addUnits": { "product": 100, "units": 10 } }] }`.
 * Its words are the names of `operationSchema`, and `moveLicense`; dates are ISO 8601 in UTC, periods
 * `"30d"`, features a list of their numbers, bytes `"hex:…"`, `"base64:…"` or `"random:32"`.
 *
 * @throws DongleError `INVALID_ARGUMENT` with the place of what is wrong
 */
export function parsePlan(text: string, sources: PlanSources): Plan {
  try {
    return readPlan(parseJson(text), sources);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    throw new DongleError('INVALID_ARGUMENT', `The plan cannot be used: ${error.message}.`, {
      cause: error,
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PlanError(`it is not JSON (${(cause as Error).message})`);
  }
}

function readPlan(value: unknown, sources: PlanSources): Plan {
  const example = 'write { "operations": [ … ] }';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PlanError(`it is not an object; ${example}`);
  }
  const { operations: list, ...others } = value as Readonly<Record<string, unknown>>;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new PlanError(`"${other}" is not known beside "operations"`);
  if (!Array.isArray(list) || list.length === 0) {
    throw new PlanError(`"operations" is not a list with something in it; ${example}`);
  }
  if (list.length > maxOperations) {
    throw new PlanError(
      `it has ${list.length} operations and an update holds ${maxOperations}; make several plans`,
    );
  }
  const operations: Operation[] = [];
  const moves: MoveLicense[] = [];
  for (const [i, item] of list.entries()) {
    const path = `operations[${i}]`;
    const random = (place: RandomPlace) => randomFor(place, item, sources);
    const read = readPlanValue(words, item, path, random) as Operation & {
      moveLicense?: MoveLicense;
    };
    const said = Object.keys(read);
    if (said.length !== 1) {
      throw new PlanError(`${path} says ${said.length} things; give each its own { … }`);
    }
    const { moveLicense, ...operation } = read;
    if (moveLicense === undefined) {
      operations.push(operation);
    } else {
      moves.push(moveLicense);
      operations.push({ withdrawLicense: { product: moveLicense.product } });
    }
  }
  return { operations, moves };
}

/** A license's secret is made once; all else that is left to chance is new each time. */
function randomFor({ path, count }: RandomPlace, item: unknown, sources: PlanSources): Uint8Array {
  if (path.endsWith('.putLicense.secret')) {
    const { product } = (item as { putLicense: Partial<License> }).putLicense;
    const known = typeof product === 'number' ? sources.secretOf(product) : undefined;
    if (known !== undefined) return known;
  }
  return sources.randomBytes(count);
}
