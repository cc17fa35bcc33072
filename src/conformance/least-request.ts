import { type Command, encodeRequest } from '../protocol/commands/index.ts';
import type { Shape } from '../protocol/schema/index.ts';

/**
 * The plaintext of the shortest request of a command that a device can read, with these fields: for
 * what is to be refused, or answered, whatever else a request says.
 */
export function leastRequest(
  command: Command,
  fields: Readonly<Record<string, unknown>> = {},
): Uint8Array {
  return encodeRequest(command, { ...(leastValue(command.request) as object), ...fields });
}

function leastValue(shape: Shape): unknown {
  switch (shape.kind) {
    case 'integer':
      return shape.min;
    case 'bytes':
      return new Uint8Array(shape.min);
    case 'text':
      return ' '.repeat(shape.minBytes);
    case 'bool':
      return false;
    case 'enumeration':
      return [...shape.numbers.keys()][0];
    case 'array':
      return Array.from({ length: shape.min }, () => leastValue(shape.item));
    case 'tuple':
      return shape.items.map(leastValue);
    case 'struct': {
      const members = shape.fields.filter(({ required }) => required);
      return Object.fromEntries(members.map(({ name, shape: of }) => [name, leastValue(of)]));
    }
  }
}
