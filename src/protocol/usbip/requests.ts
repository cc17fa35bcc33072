import { noBytes } from '../../bytes.ts';
import { Intake } from './intake.ts';
import {
  commands,
  importRequest,
  maxTransferBytes,
  operationHeader,
  operations,
  submitCommand,
  unlinkCommand,
  usbIpVersion,
} from './layout.ts';
import type { StructValue } from './struct.ts';

/** A transfer that an importer asks for. */
export interface SubmitRequest {
  readonly kind: 'submit';
  readonly sequence: number;
  readonly deviceId: number;
  readonly direction: 'in' | 'out';
  /** Number of the endpoint, 0 to 15. */
  readonly endpoint: number;
  readonly transferFlags: number;
  /** Bytes that go out, or room for those that come in. */
  readonly byteCount: number;
  /** These two are for isochronous transfers alone; replies give them back as they came. */
  readonly startFrame: number;
  readonly packetCount: number;
  /** 8 bytes, of use for control transfers. */
  readonly setup: Uint8Array;
  /** What goes out. */
  readonly data: Uint8Array;
}

/** An importer takes a transfer back. */
export interface UnlinkRequest {
  readonly kind: 'unlink';
  readonly sequence: number;
  readonly deviceId: number;
  /** `sequence` of the transfer. */
  readonly unlinkSequence: number;
}

/** What an importer asks of a server. After `malformed`, nothing it sends makes sense any more. */
export type UsbIpRequest =
  | { readonly kind: 'list' }
  | { readonly kind: 'import'; readonly busId: string }
  | SubmitRequest
  | UnlinkRequest
  | { readonly kind: 'malformed'; readonly detail: string };

const headerBytes = submitCommand.byteCount;

/**
 * Reads an importer's requests from a stream in pieces of any size. Besides what was pushed and not
 * yet read, it holds one message of at most `maxTransferBytes` and its header.
 */
export class RequestReader {
  readonly #intake = new Intake();
  #imported = false;
  /** A submit whose data has not all come. */
  #submit: StructValue<typeof submitCommand> | undefined;
  #operation: StructValue<typeof operationHeader> | undefined;
  #malformed: UsbIpRequest | undefined;

  /** Takes the next piece of the stream. */
  push(chunk: Uint8Array): void {
    if (this.#malformed === undefined) this.#intake.push(chunk);
  }

  /** The device has been imported: from here on come transfers. */
  imported(): void {
    this.#imported = true;
  }

  /** The next request, or undefined while it has not all come. */
  next(): UsbIpRequest | undefined {
    if (this.#malformed !== undefined) return this.#malformed;
    const request = this.#imported ? this.#nextTransfer() : this.#nextOperation();
    if (request?.kind === 'malformed') this.#malformed = request;
    return request;
  }

  #nextOperation(): UsbIpRequest | undefined {
    if (this.#operation === undefined) {
      const header = this.#intake.take(operationHeader.byteCount);
      if (header === undefined) return undefined;
      this.#operation = operationHeader.read(header);
    }
    const { version, code } = this.#operation;
    if (version !== usbIpVersion) return malformed(`version ${hex(version)}`);
    if (code === operations.listRequest) {
      this.#operation = undefined;
      return { kind: 'list' };
    }
    if (code !== operations.importRequest) return malformed(`operation ${hex(code)}`);
    const body = this.#intake.take(importRequest.byteCount);
    if (body === undefined) return undefined;
    this.#operation = undefined;
    return { kind: 'import', busId: importRequest.read(body).busId };
  }

  #nextTransfer(): UsbIpRequest | undefined {
    if (this.#submit === undefined) {
      const header = this.#intake.take(headerBytes);
      if (header === undefined) return undefined;
      const submit = submitCommand.read(header);
      if (submit.command === commands.unlink) {
        const { sequence, deviceId, unlinkSequence } = unlinkCommand.read(header);
        return { kind: 'unlink', sequence, deviceId, unlinkSequence };
      }
      const fault = faultOf(submit);
      if (fault !== undefined) return malformed(fault);
      this.#submit = submit;
    }
    const { direction, ...submit } = this.#submit;
    const data = direction === 1 ? noBytes : this.#intake.take(submit.byteCount);
    if (data === undefined) return undefined;
    this.#submit = undefined;
    return { ...submit, kind: 'submit', direction: direction === 1 ? 'in' : 'out', data };
  }
}

/** Why a header cannot be followed any further, if so. */
function faultOf(submit: StructValue<typeof submitCommand>): string | undefined {
  const { command, direction, endpoint, byteCount, packetCount } = submit;
  if (command !== commands.submit) return `command ${hex(command)}`;
  if (direction > 1) return `direction ${direction}`;
  if (endpoint > 15) return `endpoint ${endpoint}`;
  if (byteCount > maxTransferBytes) return `a transfer of ${byteCount} bytes`;
  if (packetCount !== 0 && packetCount !== 0xffff_ffff) return 'an isochronous transfer';
  return undefined;
}

function malformed(detail: string): UsbIpRequest {
  return { kind: 'malformed', detail };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
