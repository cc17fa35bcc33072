import { defaultRules } from '../src/emulator/firmware/ownership/index.ts';
import { usbPacketBytes } from '../src/emulator/firmware/usb/descriptors.ts';
import { reportDescriptor } from '../src/emulator/firmware/usb/hid-descriptors.ts';
import { errorTable } from '../src/errors.ts';
import type { FaceName } from '../src/link.ts';
import {
  deviceCertificateSchema,
  issuerCertificateSchema,
} from '../src/protocol/certificates/certificate.ts';
import { chainSchema } from '../src/protocol/certificates/chain.ts';
import { revocationListSchema } from '../src/protocol/certificates/revocation.ts';
import {
  claimSchema,
  helloRequest,
  helloResponse,
  verdictSchema,
} from '../src/protocol/channel/index.ts';
import { commandStatus, commandTable } from '../src/protocol/commands/index.ts';
import { protectedHeaderSchema, sign1Schema, signaturePurposes } from '../src/protocol/cose.ts';
import {
  continuationPacketFields,
  initAnswerFields,
  initPacketFields,
  initRequestFields,
  type PacketField,
  packetCommands,
  packetErrors,
} from '../src/protocol/packets/index.ts';
import { cddl, type Schema } from '../src/protocol/schema/index.ts';
import {
  certifiedTimeSchema,
  contextFileSchema,
  contextSchema,
  receiptFileSchema,
  receiptSchema,
  timeFileSchema,
  updateFileSchema,
  updateHeaderSchema,
  updateSchema,
  updatesSchema,
} from '../src/protocol/updates/files.ts';
import { hidUsage, usbFunctions, usbIds, vendorInterface } from '../src/protocol/usb/index.ts';

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, '0');
}

function fieldsTable(fields: Readonly<Record<string, PacketField>>): string {
  return table(
    ['field', 'offset', 'bytes', 'meaning'],
    Object.entries(fields).map(([name, { offset, bytes, meaning }]) => [
      name,
      `${offset}`,
      `${bytes}`,
      meaning,
    ]),
  );
}

function rules(schemas: Readonly<Record<string, Schema<unknown>>>): string {
  const text = Object.entries(schemas).map(([name, schema]) => cddl(name, schema));
  return `\`\`\`cddl\n${text.join('\n')}\`\`\``;
}

function packetCommandsTable(): string {
  interface Row {
    readonly code: number;
    readonly lastCode?: number;
    readonly request?: readonly [number, number];
    readonly answer?: readonly [number, number];
    readonly meaning: string;
  }
  const size = (lengths?: readonly [number, number]) => {
    if (lengths === undefined) return 'none';
    const [min, max] = lengths;
    if (min === max) return `${min}`;
    return max === 0xffff ? 'any' : `${min} to ${max}`;
  };
  return table(
    ['command', 'code', 'request bytes', 'answer bytes', 'meaning'],
    Object.entries<Row>(packetCommands).map(([name, row]) => [
      name,
      row.lastCode === undefined ? hex(row.code) : `${hex(row.code)} to ${hex(row.lastCode)}`,
      size(row.request),
      size(row.answer),
      row.meaning,
    ]),
  );
}

function bytesTable(bytes: Readonly<Record<string, number>>): string {
  return table(
    ['byte', 'code'],
    Object.entries(bytes).map(([code, byte]) => [hex(byte), `\`${code}\``]),
  );
}

function usbIdsTable(): string {
  const hex16 = (value: number) => value.toString(16).toUpperCase().padStart(4, '0');
  const { class: code, subclass, protocol } = vendorInterface;
  return table(
    ['what', 'value'],
    [
      ['vendor id', hex16(usbIds.vendorId)],
      ['product id', hex16(usbIds.productId)],
      ['usage page and usage of the HID face', `${hex16(hidUsage.page)}, ${hex(hidUsage.usage)}`],
      [
        'class, subclass and protocol of the vendor face',
        [code, subclass, protocol].map(hex).join(', '),
      ],
    ],
  );
}

function usbFacesTable(): string {
  return table(
    [
      'face',
      'interface',
      'out',
      'in',
      'USB packet, full speed',
      'USB packet, high speed',
      'packet of the packet layer',
    ],
    (Object.keys(usbFunctions) as FaceName[]).map((face) => {
      const { interfaceNumber, outAddress, inAddress, packetBytes } = usbFunctions[face];
      const { full, high } = usbPacketBytes[face];
      return [
        face,
        `${interfaceNumber}`,
        hex(outAddress),
        hex(inAddress),
        `${full} bytes`,
        `${high} bytes`,
        `${packetBytes} bytes`,
      ];
    }),
  );
}

function rulesTable(): string {
  const { leaseMs, handoverMs, takeovers, allTakeovers, attaches, lockoutMs, strangers, sharedMs } =
    defaultRules;
  const seconds = (ms: number) => `${ms / 1000} s`;
  const within = ({ count, withinMs }: { readonly count: number; readonly withinMs: number }) =>
    `${count} within ${seconds(withinMs)}`;
  return table(
    ['rule', 'usually'],
    [
      ['lease of a silent owner', seconds(leaseMs)],
      ['how long an heir may come', seconds(handoverMs)],
      ['takeovers that lock, but for those after END', within(takeovers)],
      ['takeovers that lock, those after END too', within(allTakeovers)],
      ['attaches of one lineage that lock', within(attaches)],
      ['lockout', seconds(lockoutMs)],
      ['claims by other machines that mark it as shared', within(strangers)],
      ['how long a shared dongle refuses', seconds(sharedMs)],
    ],
  );
}

/** What goes between `<!-- generated:NAME -->` and `<!-- /generated:NAME -->` in the docs. */
export const generators: Readonly<Record<string, () => string>> = {
  'usb-ids': usbIdsTable,
  'usb-faces': usbFacesTable,
  'usb-report-descriptor': () =>
    `\`\`\`text\n${Array.from(reportDescriptor, hex).join(' ')}\n\`\`\``,
  'init-packet': () => fieldsTable(initPacketFields),
  'continuation-packet': () => fieldsTable(continuationPacketFields),
  'packet-commands': packetCommandsTable,
  'packet-errors': () => bytesTable(packetErrors),
  init: () => `${fieldsTable(initRequestFields)}\n\n${fieldsTable(initAnswerFields)}`,
  'hello-cddl': () => rules({ 'hello-request': helloRequest, 'hello-response': helloResponse }),
  'claim-cddl': () => rules({ claim: claimSchema }),
  'verdict-cddl': () => rules({ verdict: verdictSchema }),
  rules: rulesTable,
  commands: () =>
    table(
      ['command', 'code', 'needs', 'from', 'what it does'],
      commandTable.map(({ name, code, needs, reach, summary }) => [
        name,
        hex(code),
        needs,
        reach,
        summary,
      ]),
    ),
  'commands-cddl': () =>
    rules(
      Object.fromEntries(
        commandTable.flatMap(({ name, request, response }) => [
          [`${name}-request`, request],
          [`${name}-response`, response],
        ]),
      ),
    ),
  statuses: () => bytesTable(commandStatus),
  'certificates-cddl': () =>
    rules({
      chain: chainSchema,
      'cose-sign1': sign1Schema,
      'protected-header': protectedHeaderSchema,
      'issuer-certificate': issuerCertificateSchema,
      'device-certificate': deviceCertificateSchema,
      'revocation-list': revocationListSchema,
    }),
  'updates-cddl': () =>
    rules({
      'context-file': contextFileSchema,
      context: contextSchema,
      'receipt-file': receiptFileSchema,
      receipt: receiptSchema,
      'update-file': updateFileSchema,
      'update-header': updateHeaderSchema,
      updates: updatesSchema,
      update: updateSchema,
      'time-file': timeFileSchema,
      'certified-time': certifiedTimeSchema,
    }),
  signatures: () =>
    table(
      ['signature', 'external_aad (ASCII)'],
      Object.entries(signaturePurposes).map(([name, label]) => [name, `\`${label}\``]),
    ),
  errors: () =>
    table(
      ['code', 'layer', 'retry', 'meaning'],
      Object.entries(errorTable).map(([code, { layer, retry, meaning }]) => [
        `\`${code}\``,
        layer,
        retry,
        meaning,
      ]),
    ),
};
