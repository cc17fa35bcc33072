import { InvalidArgumentError, Option } from 'commander';
import {
  defaultUsbIpAddress,
  formatUsbIpAddress,
  parseUsbIpAddress,
  type UsbIpAddress,
} from '../protocol/usbip/index.ts';

/** `--usbip <address>`, for whoever serves USB/IP and whoever connects to it. */
export function usbIpOption(): Option {
  return new Option('--usbip <address>', 'where the USB/IP server is: unix:PATH or HOST:PORT')
    .default(defaultUsbIpAddress, formatUsbIpAddress(defaultUsbIpAddress))
    .argParser(parse);
}

function parse(text: string): UsbIpAddress {
  const address = parseUsbIpAddress(text);
  if (!address.ok) throw new InvalidArgumentError(address.detail);
  return address.value;
}

/** The option as it has to be repeated to reach the server there; nothing for the default. */
export function usbIpWords(address: string): string {
  return address === formatUsbIpAddress(defaultUsbIpAddress) ? '' : ` --usbip ${address}`;
}
