// What the guest's programs check, by name: the program reports each, and the host waits for each.

/** Checks of the machine itself, before any dongle. */
export const machineChecks = {
  kernel: 'it is the kernel of the cache',
  controller: 'the kernel has a virtual host controller',
} as const;

/** What a person is told when something is in the way. */
export const errorChecks = {
  noDongle: 'without a dongle, connect() says so',
  noRoot: 'attach without root says so',
  portTaken: 'emulate on a port that is taken says so',
  noHidPermission: 'a user who may not open hidraw is told so',
  noVendorPermission: 'a user who may not open the USB device is told so',
  claimed: 'an interface that another process has claimed is told so',
} as const;

/** Checks of dongles that are attached. */
export const dongleChecks = {
  usbipList: 'usbip list shows both dongles',
  attach: 'latchkey attach makes two hidraw devices',
  lsusb: 'lsusb -v shows both dongles and no error',
  toldApart: 'two dongles are told apart by their serials',
  secondProcess: 'a second process on hidraw neither breaks nor reads a session',
  programs: 'programs of one runtime have a dongle and their seats at the same time',
  hostKilled: 'a program that is killed at any moment leaves the dongle to the next at once',
  unlink: 'reads that are given up disturb nobody',
  unplugHid: 'unplugging in mid-call ends it with DETACHED, by hid',
  unplugVendor: 'unplugging in mid-call ends it with DETACHED, by vendor',
  vanish: 'an importer that vanishes in mid-transfer leaves the dongle to the next',
  killed: 'an emulator that is killed in mid-call leaves the machine healthy',
  replugs: 'after fifty replugs and more both sides are healthy',
} as const;

/** Checks of a page in a browser. */
export const pageChecks = {
  starts: 'Chromium opens the page, which may use WebUSB',
  noDongle: 'without a dongle, connect() in a page says so',
  found: 'the page finds both dongles by policy, without a chooser',
  connects: 'the page shakes hands with a dongle and knows whose it is',
  echo: 'a small and a large echo come back to the page',
  keys: 'WebCrypto exports none of the private keys that the page used',
  claimed: 'a page is told that another process has claimed the dongle',
  ambiguous: 'with two dongles, connect() in a page asks for a serial',
  unplug: 'unplugging in mid-call ends it with DETACHED, in a page',
  again: 'plugged in again, the page connects again',
  reloaded: 'a page that is loaded again is the same runtime, and has the dongle at once',
} as const;
