import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorTable } from '../../src/errors.ts';
import { usbIds } from '../../src/protocol/usb/index.ts';

test('the udev rules are for our ids, one for each kind of device node', () => {
  const lines = readFileSync('udev/70-latchkey.rules', 'utf8').split('\n');
  const rules = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const [vendorId, productId] = [usbIds.vendorId, usbIds.productId].map((id) =>
    id.toString(16).padStart(4, '0'),
  );
  expect(rules).toHaveLength(2);
  for (const rule of rules) {
    expect(rule).toMatch(new RegExp(`idVendor}=="${vendorId}", ATTRS?{idProduct}=="${productId}"`));
    expect(rule).toContain('TAG+="uaccess"');
  }
  expect(rules.map((rule) => /^SUBSYSTEM=="(\w+)"/.exec(rule)?.[1])).toEqual(['hidraw', 'usb']);
  expect(errorTable.PERMISSION_DENIED.meaning).toContain('udev/70-latchkey.rules');
});
