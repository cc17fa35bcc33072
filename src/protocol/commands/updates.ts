import { vendorSchema } from '../certificates/index.ts';
import { bytes, field, struct, uint } from '../schema/index.ts';
import { maxUpdateBytes } from '../updates/files.ts';
import { defineCommand } from './command.ts';

const file = bytes({ max: 7_424 });

export const makeContext = defineCommand({
  name: 'makeContext',
  code: 0x68,
  summary: 'Makes a context file, with a new one-time key, for an update that answers it.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({}),
  response: struct({ file: field(1, file) }),
});

export const beginUpdate = defineCommand({
  name: 'beginUpdate',
  code: 0x69,
  summary: 'Makes room for an update file of so many bytes, in place of what was sent before.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ size: field(1, uint({ max: maxUpdateBytes + 512 })) }),
  response: struct({}),
});

export const writeUpdate = defineCommand({
  name: 'writeUpdate',
  code: 0x6a,
  summary: 'Sends the next part of an update file.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({
    offset: field(1, uint({ max: maxUpdateBytes + 512 })),
    data: field(2, bytes({ max: maxUpdateBytes })),
  }),
  response: struct({}),
});

export const applyUpdate = defineCommand({
  name: 'applyUpdate',
  code: 0x6b,
  summary: 'Applies the update file, whole or not at all, and gives the receipt.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({}),
  response: struct({
    receipt: field(1, file),
    /** How many updates were new to the dongle. */
    applied: field(2, uint({ max: 16 })),
  }),
});

export const makeReceipt = defineCommand({
  name: 'makeReceipt',
  code: 0x6c,
  summary: 'Makes the receipt of a vendor’s last update anew.',
  needs: 'nothing',
  reach: 'bridge',
  request: struct({ vendor: field(1, vendorSchema) }),
  response: struct({ file: field(1, file) }),
});
