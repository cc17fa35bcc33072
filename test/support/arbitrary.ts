import fc from 'fast-check';
import type { Schema, Shape } from '../../src/protocol/schema/index.ts';
import * as schema from '../../src/protocol/schema/index.ts';

/** Random values of a schema. */
export function arbitraryOf<Value>(of: Schema<Value>): fc.Arbitrary<Value> {
  return anyOf(of) as fc.Arbitrary<Value>;
}

function anyOf(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'integer':
      return fc.maxSafeInteger().chain((any) => {
        const edges = [
          0,
          23,
          24,
          255,
          256,
          65_535,
          65_536,
          2 ** 32 - 1,
          2 ** 32,
          shape.min,
          shape.max,
        ];
        const span = shape.max - shape.min + 1;
        const inside = shape.min + (Math.abs(any) % span);
        return fc.constantFrom(
          inside,
          ...edges.filter((edge) => edge >= shape.min && edge <= shape.max),
        );
      });
    case 'bytes':
      return fc.uint8Array({ minLength: shape.min, maxLength: shape.max, size: 'max' });
    case 'text':
      return textOf(shape);
    case 'bool':
      return fc.boolean();
    case 'enumeration':
      return fc.constantFrom(...shape.numbers.keys());
    case 'array':
      return fc.array(anyOf(shape.item), { minLength: shape.min, maxLength: shape.max });
    case 'tuple':
      return fc.tuple(...shape.items.map(anyOf));
    case 'struct':
      return fc.record(
        Object.fromEntries(shape.fields.map((member) => [member.name, anyOf(member.shape)])),
        {
          requiredKeys: shape.fields.filter(({ required }) => required).map(({ name }) => name),
          noNullPrototype: true,
        },
      );
  }
}

function textOf(shape: Extract<Shape, { kind: 'text' }>): fc.Arbitrary<string> {
  const { minBytes, maxBytes } = shape;
  if (shape.printableAscii) {
    return fc.string({ unit: 'grapheme-ascii', minLength: minBytes, maxLength: maxBytes });
  }
  return fc
    .array(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), { maxLength: maxBytes })
    .map((characters) => {
      let text = '';
      let room = maxBytes;
      for (const character of [...characters, ...'x'.repeat(minBytes)]) {
        const { length } = new TextEncoder().encode(character);
        if (length > room) continue;
        room -= length;
        text += character;
      }
      return text;
    });
}

/** Random schemas, nested a few levels deep. */
export function arbitrarySchema(): fc.Arbitrary<Schema<unknown>> {
  return fc.letrec<{ any: Schema<unknown> }>((tie) => {
    const size = fc.nat({ max: 300 });
    const member = fc.record({ required: fc.boolean(), item: tie('any') });
    return {
      any: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.maxSafeNat().map((max) => schema.uint({ max })),
        fc.maxSafeInteger().map((value) => schema.constant(value)),
        size.map((max) => schema.bytes({ max })),
        size.map((maxBytes) => schema.text({ maxBytes })),
        size.map((maxBytes) => schema.text({ maxBytes, printableAscii: true })),
        fc.constant(schema.bool()),
        fc
          .uniqueArray(fc.maxSafeInteger(), { minLength: 1, maxLength: 4 })
          .map((numbers) =>
            schema.enumeration(Object.fromEntries(numbers.map((n) => [`n${n}`, n]))),
          ),
        fc.tuple(tie('any'), fc.nat({ max: 30 })).map(([item, max]) => schema.array(item, { max })),
        fc.array(tie('any'), { maxLength: 4 }).map((items) => schema.tuple(items)),
        fc
          .dictionary(fc.nat({ max: 70_000 }).map(String), member, { maxKeys: 5 })
          .map((members) =>
            schema.struct(
              Object.fromEntries(
                Object.entries(members).map(([key, { required, item }]) => [
                  `member${key}`,
                  required ? schema.field(Number(key), item) : schema.optional(Number(key), item),
                ]),
              ),
            ),
          ),
      ),
    };
  }).any;
}
