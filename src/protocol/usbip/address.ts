import type { Outcome } from '../../errors.ts';
import { usbIpPort } from './layout.ts';

/** Where a USB/IP server listens: a unix socket, or a host and its TCP port. */
export type UsbIpAddress =
  | { readonly path: string }
  | { readonly host: string; readonly port: number };

/** Where a server listens unless told otherwise. */
export const defaultUsbIpAddress: UsbIpAddress = { host: '127.0.0.1', port: usbIpPort };

/**
 * How long a connection is silent until it is asked whether the other machine is still there, in
 * milliseconds. A dongle may have nothing to say for days, and without asking, one whose importer
 * lost its power would be in use for ever.
 */
export const keepAliveMs = 30_000;

/** Reads `unix:PATH`, `HOST:PORT` or `[IPv6]:PORT`. */
export function parseUsbIpAddress(text: string): Outcome<UsbIpAddress, 'INVALID_ARGUMENT'> {
  const path = /^unix:(.+)$/s.exec(text)?.[1];
  if (path !== undefined) return { ok: true, value: { path } };
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 0xffff) {
    return {
      ok: false,
      code: 'INVALID_ARGUMENT',
      detail: `"${text}" is not an address; give unix:PATH or HOST:PORT.`,
    };
  }
  return { ok: true, value: { host, port } };
}

/** The form that {@link parseUsbIpAddress} reads. */
export function formatUsbIpAddress(address: UsbIpAddress): string {
  if ('path' in address) return `unix:${address.path}`;
  const { host, port } = address;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
