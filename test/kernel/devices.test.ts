import { caseChecks } from './cases.ts';
import { dongleChecks, errorChecks, machineChecks } from './checks.ts';
import { describeGuest } from './describe-guest.ts';

const checks = [machineChecks, errorChecks, dongleChecks].flatMap((each) => Object.values(each));

/** What the kernel says of what is done to it on purpose. */
const expected = [
  // The machine is slow.
  /^hrtimer: interrupt took/,
  // Detached, or its emulator killed, while transfers were on their way.
  /^vhci_hcd: sendmsg failed!, ret=-32/,
  // Written to after its emulator was killed, before the kernel had taken it away.
  /^usb \S+: enqueue for inactive port/,
  // Two processes attach at the same time; the second takes another port.
  /^vhci_hcd vhci_hcd\.0: port \d+ already used/,
];

describeGuest(
  'an emulated dongle on a real kernel',
  {
    name: 'devices',
    program: 'test/kernel/guest/devices.ts',
    programs: {
      'kernel-latchkey': 'src/cli/main.ts',
      'kernel-neighbour': 'test/kernel/guest/neighbour.ts',
      'kernel-suite': 'test/kernel/guest/suite.ts',
    },
    dongles: 6,
    timeoutMs: 240_000,
  },
  [...checks, ...caseChecks],
  expected,
);
