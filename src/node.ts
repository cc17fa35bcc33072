// The entry for Node: the browser-safe one, with dongles found by node-hid and libusb.

import { type ConnectOptions, connect as connectTo } from './client/connect.ts';
import type { Dongle } from './client/dongle.ts';
import { openedOnce } from './client/process-runtime.ts';
import { openRuntime } from './host/runtime.ts';
import type { LinkSource } from './link.ts';
import {
  type FindOptions,
  type FoundDongle,
  groupFaces,
  soughtDongle,
} from './transport/discovery.ts';
import { findHidFaces } from './transport/hid.ts';
import { findNodeVendorFaces } from './transport/node-usb.ts';

export { openRuntime, type RuntimeOptions, type TicketStore } from './host/runtime.ts';
export * from './index.ts';

/** The runtime for whoever brings none: that of the default folder. */
const machineRuntime = openedOnce(() => openRuntime());

/**
 * Finds the dongles that are attached to this machine, sorted by serial, those included that this
 * program may not open.
 *
 * @throws DongleError `UNSUPPORTED` when none is found and a native package cannot be loaded
 */
export async function listDongles(): Promise<FoundDongle[]> {
  const searches = await Promise.allSettled([findHidFaces(), findNodeVendorFaces()]);
  const faces = searches.flatMap((search) => (search.status === 'fulfilled' ? search.value : []));
  // One way to reach dongles is enough; without any, the reason matters.
  const failed = searches.find((search) => search.status === 'rejected');
  if (faces.length === 0 && failed !== undefined) throw failed.reason;
  return groupFaces(faces);
}

/**
 * Opens the encrypted channel to a dongle: asks who it is, checks its certificate, binds it to this
 * runtime and gives the typed dongle. Without a source it is the dongle attached to this machine, or
 * that with `options.serial`. By default it takes at most 10 s.
 *
 * @throws DongleError whatever went wrong, and then nothing stays open
 * @example
 * await using dongle = await connect({ trust });
 */
export function connect(options: ConnectOptions & FindOptions): Promise<Dongle>;
/** Opens the encrypted channel to the dongle at `source`. */
export function connect(source: LinkSource, options: ConnectOptions): Promise<Dongle>;
export function connect(
  first: LinkSource | (ConnectOptions & FindOptions),
  second?: ConnectOptions,
): Promise<Dongle> {
  const options = second ?? (first as ConnectOptions & FindOptions);
  const source = second === undefined ? soughtDongle(listDongles, options) : (first as LinkSource);
  return connectTo(source, options, machineRuntime);
}
