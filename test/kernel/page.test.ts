import { pageChecks } from './checks.ts';
import { describeGuest } from './describe-guest.ts';

describeGuest(
  'a page in Chromium',
  {
    name: 'page',
    program: 'test/kernel/guest/page.ts',
    pages: { 'kernel-page': 'test/kernel/page/page.ts' },
    dongles: 2,
    timeoutMs: 180_000,
  },
  Object.values(pageChecks),
  [
    // The machine is slow.
    /^hrtimer: interrupt took/,
    // Pulled out while transfers were on their way, and others followed.
    /^vhci_hcd: sendmsg failed!, ret=-32/,
    /^usb \S+: enqueue for inactive port/,
  ],
);
