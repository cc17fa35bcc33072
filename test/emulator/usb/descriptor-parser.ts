// Reads descriptors as a host does. It shares no line and no number with the firmware.

/** One descriptor: type, and a view on all of its bytes. */
export interface Raw {
  readonly type: number;
  readonly view: DataView;
}

/** Splits descriptors that follow one another by their own lengths. */
export function splitDescriptors(bytes: Uint8Array): Raw[] {
  const found: Raw[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at]!;
    if (length < 2 || at + length > bytes.length) throw new Error(`length ${length} at ${at}`);
    found.push({
      type: bytes[at + 1]!,
      view: new DataView(bytes.buffer, bytes.byteOffset + at, length),
    });
    at += length;
  }
  return found;
}

export interface ParsedInterface {
  readonly number: number;
  readonly alternate: number;
  readonly codes: readonly number[];
  readonly name: number;
  readonly classDescriptors: Raw[];
  readonly endpoints: {
    readonly address: number;
    readonly attributes: number;
    readonly packetBytes: number;
    readonly interval: number;
  }[];
}

/** A configuration with its interfaces; throws where counts and lengths do not agree. */
export function parseConfiguration(bytes: Uint8Array) {
  const [head, ...rest] = splitDescriptors(bytes);
  const view = head!.view;
  if (view.byteLength !== 9) throw new Error('length of the configuration descriptor');
  if (view.getUint16(2, true) !== bytes.length) throw new Error('wTotalLength');
  const interfaces: ParsedInterface[] = [];
  const expectedEndpoints: number[] = [];
  for (const { type, view } of rest) {
    const current = interfaces.at(-1);
    if (type === 4) {
      if (view.byteLength !== 9) throw new Error('length of an interface descriptor');
      expectedEndpoints.push(view.getUint8(4));
      interfaces.push({
        number: view.getUint8(2),
        alternate: view.getUint8(3),
        codes: [view.getUint8(5), view.getUint8(6), view.getUint8(7)],
        name: view.getUint8(8),
        classDescriptors: [],
        endpoints: [],
      });
    } else if (type === 5) {
      if (view.byteLength !== 7) throw new Error('length of an endpoint descriptor');
      current!.endpoints.push({
        address: view.getUint8(2),
        attributes: view.getUint8(3),
        packetBytes: view.getUint16(4, true),
        interval: view.getUint8(6),
      });
    } else {
      current!.classDescriptors.push({ type, view });
    }
  }
  if (view.getUint8(4) !== interfaces.length) throw new Error('bNumInterfaces');
  interfaces.forEach(({ endpoints }, i) => {
    if (endpoints.length !== expectedEndpoints[i]) throw new Error('bNumEndpoints');
  });
  return {
    type: head!.type,
    value: view.getUint8(5),
    name: view.getUint8(6),
    attributes: view.getUint8(7),
    maxPowerMilliamperes: 2 * view.getUint8(8),
    interfaces,
  };
}

/** The text of a string descriptor. */
export function parseString(bytes: Uint8Array): string {
  if (bytes[0] !== bytes.length || bytes[1] !== 3) throw new Error('not a string descriptor');
  return new TextDecoder('utf-16le').decode(bytes.subarray(2));
}

/** What a report descriptor declares (HID 1.11 §6.2.2): global state at each main item. */
export function parseReports(bytes: Uint8Array) {
  const global = new Map<number, number>();
  let usages: number[] = [];
  let depth = 0;
  const main: { kind: string; flags: number; usages: number[]; page: number; bits: number }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const prefix = bytes[at++]!;
    const size = [0, 1, 2, 4][prefix & 3]!;
    let value = 0;
    for (let i = 0; i < size; i++) value += bytes[at + i]! * 256 ** i;
    at += size;
    if (at > bytes.length) throw new Error('an item is cut short');
    const tag = prefix & 0xfc;
    if ((tag & 0x0c) === 0x04) {
      // Logical minimum and maximum are signed.
      const signed = value >= 256 ** size / 2 ? value - 256 ** size : value;
      global.set(tag, tag === 0x14 || tag === 0x24 ? signed : value);
    } else if (tag === 0x08) {
      usages.push(value);
    } else {
      const kinds: Record<number, string> = {
        128: 'input',
        144: 'output',
        160: 'collection',
        176: 'feature',
        192: 'end',
      };
      const bits = (global.get(0x74) ?? 0) * (global.get(0x94) ?? 0);
      const kind = kinds[tag] ?? `unknown item ${tag}`;
      depth += kind === 'collection' ? 1 : kind === 'end' ? -1 : 0;
      main.push({ kind, flags: value, usages, page: global.get(0x04) ?? 0, bits });
      usages = [];
    }
  }
  if (depth !== 0) throw new Error('collections do not close');
  return {
    main,
    logicalRange: [global.get(0x14), global.get(0x24)],
    hasReportIds: global.has(0x84),
  };
}

/** The platform capabilities of a BOS: UUID as text, and the data behind it. */
export function parseBos(bytes: Uint8Array) {
  const [head, ...rest] = splitDescriptors(bytes);
  if (head!.type !== 15 || head!.view.byteLength !== 5) throw new Error('not a BOS descriptor');
  if (head!.view.getUint16(2, true) !== bytes.length) throw new Error('wTotalLength');
  if (head!.view.getUint8(4) !== rest.length) throw new Error('bNumDeviceCaps');
  return rest.map(({ type, view }) => {
    if (type !== 16 || view.getUint8(2) !== 5 || view.getUint8(3) !== 0)
      throw new Error('no platform');
    const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
    const rest = Array.from({ length: 8 }, (_, i) => hex(view.getUint8(12 + i), 2)).join('');
    const uuid = [
      hex(view.getUint32(4, true), 8),
      hex(view.getUint16(8, true), 4),
      hex(view.getUint16(10, true), 4),
      rest.slice(0, 4),
      rest.slice(4),
    ].join('-');
    return { uuid, data: new DataView(view.buffer, view.byteOffset + 20, view.byteLength - 20) };
  });
}

/** A node of a Microsoft OS 2.0 descriptor set: header fields, and what lies within its length. */
export interface MsOsNode {
  readonly type: number;
  readonly head: number[];
  readonly children: MsOsNode[];
}

/** Reads Microsoft OS 2.0 descriptors; subsets by their total lengths. */
export function parseMsOs(bytes: Uint8Array): MsOsNode[] {
  const nodes: MsOsNode[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint16(at, true);
    const type = view.getUint16(at + 2, true);
    const isHeader = type < 3;
    const total = isHeader ? view.getUint16(at + length - 2, true) : length;
    if (length < 4 || total < length || at + total > bytes.length) throw new Error(`${at}: length`);
    nodes.push({
      type,
      head: [...bytes.subarray(at + 4, at + length)],
      children: isHeader ? parseMsOs(bytes.subarray(at + length, at + total)) : [],
    });
    at += total;
  }
  return nodes;
}
