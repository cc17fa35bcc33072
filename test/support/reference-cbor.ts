/** A CBOR data item as the reference decoder gives it. */
export type Item =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | readonly Item[]
  | ReadonlyMap<Item, Item>;

/**
 * A slow and obvious decoder of deterministic CBOR (RFC 8949 §4.2.1), written for the tests alone
 * and sharing nothing with the code under test. Throws on anything else; knows no tags and floats.
 */
export function referenceDecode(bytes: Uint8Array): Item {
  const { item, end } = itemAt(bytes, 0);
  if (end !== bytes.length) throw new Error(`trailing bytes from ${end}`);
  return item;
}

function itemAt(bytes: Uint8Array, at: number): { item: Item; end: number } {
  const first = byteAt(bytes, at);
  const major = Math.floor(first / 32);
  if (first === 0xf4) return { item: false, end: at + 1 };
  if (first === 0xf5) return { item: true, end: at + 1 };
  const { argument, end } = argumentAt(bytes, at);
  const count = Number(argument);
  switch (major) {
    case 0:
      return { item: narrow(argument), end };
    case 1:
      return { item: narrow(-1n - argument), end };
    case 2:
      return { item: contentAt(bytes, end, count), end: end + count };
    case 3: {
      const content = contentAt(bytes, end, count);
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
      return { item: text, end: end + count };
    }
    case 4: {
      const items: Item[] = [];
      let next = end;
      while (items.length < count) {
        const element = itemAt(bytes, next);
        items.push(element.item);
        next = element.end;
      }
      return { item: items, end: next };
    }
    case 5: {
      const entries = new Map<Item, Item>();
      let next = end;
      let previousKey = '';
      while (entries.size < count) {
        const key = itemAt(bytes, next);
        // As text the order of hexadecimal digits is the bytewise order of what they stand for.
        const keyText = hexOf(bytes.subarray(next, key.end));
        if (keyText <= previousKey) throw new Error(`keys are not ascending at ${next}`);
        previousKey = keyText;
        const value = itemAt(bytes, key.end);
        entries.set(key.item, value.item);
        next = value.end;
      }
      return { item: entries, end: next };
    }
    default:
      throw new Error(`major type ${major} at ${at}`);
  }
}

/** The argument in its shortest form: in the initial byte, or in the 1, 2, 4 or 8 after it. */
function argumentAt(bytes: Uint8Array, at: number): { argument: bigint; end: number } {
  const info = byteAt(bytes, at) % 32;
  if (info < 24) return { argument: BigInt(info), end: at + 1 };
  if (info > 27) throw new Error(`additional information ${info} at ${at}`);
  const width = 2 ** (info - 24);
  let argument = 0n;
  for (let i = 1; i <= width; i++) argument = argument * 256n + BigInt(byteAt(bytes, at + i));
  const least = width === 1 ? 24n : 256n ** BigInt(width / 2);
  if (argument < least) throw new Error(`longer form than needed at ${at}`);
  return { argument, end: at + 1 + width };
}

function contentAt(bytes: Uint8Array, at: number, count: number): Uint8Array {
  if (at + count > bytes.length) throw new Error('cut short');
  return Uint8Array.from(bytes.subarray(at, at + count));
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new Error('cut short');
  return byte;
}

function narrow(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
