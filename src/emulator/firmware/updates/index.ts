export { applyUpdates } from './apply.ts';
export { UpdateBuffer } from './buffer.ts';
export { addContextKey } from './context-keys.ts';
export { hasStrongKey } from './operations.ts';
export { makeContextFile, makeReceiptFile } from './report.ts';
export { openUpdates, readForDongle } from './unseal.ts';
export { vendorNames, vendorState } from './vendor-state.ts';
