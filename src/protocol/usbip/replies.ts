import { concatBytes } from '../../bytes.ts';
import {
  commands,
  type DeviceRecord,
  deviceRecord,
  type InterfaceRecord,
  importStatus,
  interfaceRecord,
  listReply,
  operationHeader,
  operations,
  submitReply,
  unlinkReply,
  usbIpVersion,
} from './layout.ts';
import type { SubmitRequest } from './requests.ts';

/** A device as a server lists it. */
export interface ListedDevice {
  readonly record: DeviceRecord;
  /** As many as `record.interfaceCount` says. */
  readonly interfaces: readonly InterfaceRecord[];
}

function header(code: number, status = 0): Uint8Array {
  return operationHeader.write({ version: usbIpVersion, code, status });
}

/** The answer to a list request. */
export function encodeList(devices: readonly ListedDevice[]): Uint8Array {
  return concatBytes(
    header(operations.listReply),
    listReply.write({ deviceCount: devices.length }),
    ...devices.flatMap(({ record, interfaces }) => [
      deviceRecord.write(record),
      ...interfaces.map((each) => interfaceRecord.write(each)),
    ]),
  );
}

/** The answer to an import request: the device, or why it is refused (`importStatus`). */
export function encodeImport(answer: DeviceRecord | number): Uint8Array {
  if (typeof answer === 'number') return header(operations.importReply, answer);
  return concatBytes(header(operations.importReply, importStatus.ok), deviceRecord.write(answer));
}

/** What both replies leave out. */
const nothing = { deviceId: 0, direction: 0, endpoint: 0, unused: undefined } as const;

/**
 * The answer to a submit.
 *
 * @param byteCount - how much was transferred
 * @param parts - the data that came in: `byteCount` bytes in all, or none for a transfer out
 */
export function encodeSubmitReply(
  request: Pick<SubmitRequest, 'sequence' | 'startFrame' | 'packetCount'>,
  status: number,
  byteCount: number,
  parts: readonly Uint8Array[] = [],
): Uint8Array {
  const { sequence, startFrame, packetCount } = request;
  const dataBytes = parts.reduce((sum, part) => sum + part.length, 0);
  const reply = new Uint8Array(submitReply.byteCount + dataBytes);
  submitReply.write(
    {
      ...nothing,
      command: commands.submitReply,
      sequence,
      status,
      byteCount,
      startFrame,
      packetCount,
      errorCount: 0,
    },
    reply,
  );
  let at = submitReply.byteCount;
  for (const part of parts) {
    reply.set(part, at);
    at += part.length;
  }
  return reply;
}

/** The answer to an unlink. */
export function encodeUnlinkReply(sequence: number, status: number): Uint8Array {
  return unlinkReply.write({ ...nothing, command: commands.unlinkReply, sequence, status });
}
