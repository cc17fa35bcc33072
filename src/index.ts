// The browser-safe entry: everything that a page or a program needs to use a dongle.

import { type ConnectOptions, connect as connectTo } from './client/connect.ts';
import type { Dongle } from './client/dongle.ts';
import { DongleError } from './errors.ts';
import type { LinkSource } from './link.ts';
import {
  type FindOptions,
  type FoundDongle,
  groupFaces,
  soughtDongle,
} from './transport/discovery.ts';
import { findVendorFaces, requestVendorFace } from './transport/webusb.ts';
import type { WebUsb } from './transport/webusb-api.ts';

export type { Aes, AesOperation, AesSetup, AesStreamSetup } from './client/aes.ts';
export type { CallOptions } from './client/call-options.ts';
export { type ConnectOptions, type HelloOptions, hello } from './client/connect.ts';
export type { DongleDescription } from './client/describe.ts';
export type { Dongle } from './client/dongle.ts';
export type { Ecc, EccSigning } from './client/ecc.ts';
export type { DongleEvent } from './client/events.ts';
export type {
  KeyInfo,
  KeyMaking,
  KeyReference,
  Keys,
} from './client/keys.ts';
export type {
  ApplicationSeats,
  LicenseData,
  LicenseName,
  LicenseQuestion,
  LicenseSealed,
  LicenseStanding,
  ListedLicense,
  UnitTaking,
} from './client/license.ts';
export type { Licenses } from './client/licenses.ts';
export type { Derivation, Mac, MacSetup } from './client/mac.ts';
export type { Memory, MemoryPlace, PartitionInfo, PartitionPassword } from './client/memory.ts';
export type {
  OaepHash,
  Rsa,
  RsaDecryption,
  RsaHash,
  RsaPlace,
  RsaPublicKey,
  RsaSigning,
} from './client/rsa.ts';
export {
  createRuntime,
  type Hold,
  type Invitation,
  type Runtime,
  type RuntimeParts,
  type Visitor,
} from './client/runtime.ts';
export type { Seat, SeatPlace } from './client/seat.ts';
export type { SharingEvidence, SharingPolicy, SharingReport } from './client/sharing.ts';
export type { ChipStream } from './client/stream.ts';
export type { DongleTimeReading, Time } from './client/time.ts';
export type { AppliedUpdate, ApplyOptions, Update } from './client/update.ts';
export { type Clock, type HostClock, systemClock } from './clock.ts';
export type { DhKey, MaybePromise } from './crypto/suite.ts';
export {
  DongleError,
  type ErrorCode,
  type ErrorLayer,
  errorTable,
  type Outcome,
  type Retry,
} from './errors.ts';
export type { FaceName, Link, LinkListener, LinkSource, PacketBatch } from './link.ts';
export {
  type Capability,
  createTrustStore,
  type DongleIdentity,
  type Pin,
  parseRoot,
  type TrustedRoot,
  type TrustOptions,
  type TrustStore,
  testRoot,
} from './protocol/certificates/index.ts';
export type { HelloResponse } from './protocol/channel/index.ts';
export {
  fixedAesKey,
  type KeyMaterial,
  type KeyType,
} from './protocol/keys.ts';
export type { Area, LoginRole } from './protocol/partitions.ts';
export type { FaceSource, FindOptions, FoundDongle } from './transport/discovery.ts';
export type * from './transport/webusb-api.ts';

/** How a page reaches dongles. */
export interface PageOptions {
  /** WebUSB; `navigator.usb` unless given. */
  readonly usb?: WebUsb;
}

/**
 * Finds the attached dongles that this page may use already, sorted by serial.
 *
 * @throws DongleError `UNSUPPORTED` where there is no WebUSB
 */
export async function listDongles({ usb = pageUsb() }: PageOptions = {}): Promise<FoundDongle[]> {
  return groupFaces(await findVendorFaces(usb));
}

/**
 * Lets a person choose a dongle for this page, which may use it from then on; call it in answer to a
 * click.
 *
 * @throws DongleError `NOT_FOUND` when none was chosen, `PERMISSION_DENIED`, `UNSUPPORTED`
 */
export async function requestDongle({ usb = pageUsb() }: PageOptions = {}): Promise<FoundDongle> {
  return groupFaces([await requestVendorFace(usb)])[0] as FoundDongle;
}

/**
 * Opens the encrypted channel to a dongle: asks who it is, checks its certificate, binds it to this
 * runtime and gives the typed dongle. Without a source it is the dongle that this page may use, or that with
 * `options.serial`. By default it takes at most 10 s.
 *
 * @throws DongleError whatever went wrong, and then nothing stays open
 * @example
 * await using dongle = await connect({ trust });
 */
export function connect(options: ConnectOptions & FindOptions & PageOptions): Promise<Dongle>;
/** Opens the encrypted channel to the dongle at `source`. */
export function connect(source: LinkSource, options: ConnectOptions): Promise<Dongle>;
export function connect(
  first: LinkSource | (ConnectOptions & FindOptions & PageOptions),
  second?: ConnectOptions,
): Promise<Dongle> {
  if (second !== undefined) return connectTo(first as LinkSource, second);
  const options = first as ConnectOptions & FindOptions & PageOptions;
  const absent =
    'No dongle that this page may use is attached; plug it in, and call requestDongle() from a click.';
  return connectTo(
    soughtDongle(() => listDongles(options), options, absent),
    options,
  );
}

function pageUsb(): WebUsb {
  const { navigator } = globalThis as { navigator?: { usb?: WebUsb } };
  if (navigator?.usb !== undefined) return navigator.usb;
  throw new DongleError(
    'UNSUPPORTED',
    'There is no WebUSB here; use Chromium, Chrome or Edge on a page that came over https, or latchkey/node in Node.',
  );
}
