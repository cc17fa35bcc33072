import { expect, test } from 'vitest';
import { formatUsbIpAddress, parseUsbIpAddress } from '../../../src/protocol/usbip/index.ts';

test.each([
  ['unix:/tmp/a.sock', { path: '/tmp/a.sock' }],
  ['unix:a:1', { path: 'a:1' }],
  ['127.0.0.1:3240', { host: '127.0.0.1', port: 3240 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  ['[::1]:65535', { host: '::1', port: 65535 }],
])('%s is an address, and is written so', (text, address) => {
  expect(parseUsbIpAddress(text)).toEqual({ ok: true, value: address });
  expect(formatUsbIpAddress(address)).toBe(text);
});

test.each([
  '',
  'unix:',
  '127.0.0.1',
  ':3240',
  'a:65536',
  'a:-1',
  '::1:3240',
  '[]:1',
  'a:1x',
  'a:b:1',
])('"%s" is none', (text) => {
  expect(parseUsbIpAddress(text)).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT' });
});
