import type { Schema, Shape } from './schema.ts';

/** A schema as one CDDL rule (RFC 8610), members' names in comments. */
export function cddl(name: string, schema: Schema<unknown>): string {
  return `${name} = ${typeText(schema, '')}\n`;
}

function typeText(shape: Shape, indent: string): string {
  switch (shape.kind) {
    case 'integer':
      return shape.min === shape.max ? `${shape.min}` : `${shape.min}..${shape.max}`;
    case 'bytes':
      return `bstr .size ${sizeText(shape.min, shape.max)}`;
    case 'text':
      if (shape.printableAscii) return `tstr .regexp "[ -~]{${shape.minBytes},${shape.maxBytes}}"`;
      return `tstr .size ${sizeText(shape.minBytes, shape.maxBytes)}`;
    case 'bool':
      return 'bool';
    case 'enumeration':
      return `&(${[...shape.numbers].map(([name, number]) => `${name}: ${number}`).join(', ')})`;
    case 'array':
      return `[${shape.min}*${shape.max} ${typeText(shape.item, indent)}]`;
    case 'tuple':
      return `[${shape.items.map((item) => typeText(item, indent)).join(', ')}]`;
    case 'struct':
      return structText(shape.fields, indent);
  }
}

function sizeText(min: number, max: number): string {
  return min === max ? `${min}` : `(${min}..${max})`;
}

function structText(fields: Extract<Shape, { kind: 'struct' }>['fields'], indent: string): string {
  if (fields.length === 0) return '{}';
  const inner = `${indent}  `;
  const lines = fields.map(({ name, key, required, shape }) => {
    return `${inner}${required ? '' : '? '}${key}: ${typeText(shape, inner)},  ; ${name}\n`;
  });
  return `{\n${lines.join('')}${indent}}`;
}
