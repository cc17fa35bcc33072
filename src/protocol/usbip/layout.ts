import { i32, padding, raw, type StructValue, struct, text, u8, u16, u32 } from './struct.ts';

// The USB/IP protocol, version 1.1.1, as the Linux kernel's Documentation/usb/usbip_protocol.rst has
// it. Numbers are big-endian; setup packets and descriptors stay as they are on the bus.

/** The protocol's version, in every message before an import. */
export const usbIpVersion = 0x0111;

/** The port that USB/IP servers listen on. */
export const usbIpPort = 3240;

/** Codes of the messages before an import. */
export const operations = {
  listRequest: 0x8005,
  listReply: 0x0005,
  importRequest: 0x8003,
  importReply: 0x0003,
} as const;

/** Codes of the messages after an import. */
export const commands = { submit: 1, unlink: 2, submitReply: 3, unlinkReply: 4 } as const;

/** Why an import is refused (ST_… in the kernel's tools/usb/usbip/libsrc/usbip_common.h); 0 is success. */
export const importStatus = {
  ok: 0,
  /** Another has imported it. */
  busy: 2,
  notFound: 4,
} as const;

/** The kernel's names for how a transfer ended (errno.h); 0 is success. */
export const transferStatus = {
  ok: 0,
  /** ENOMEM: more waits already than there is room for. */
  noRoom: -12,
  /** EPIPE: the endpoint answered STALL. */
  stall: -32,
  /** EOVERFLOW: the device sent more than was asked for. */
  babble: -75,
  /** ECONNRESET: the transfer was unlinked. */
  unlinked: -104,
  /** EREMOTEIO: the device sent less than was asked for, and the host does not allow that. */
  short: -121,
} as const;

/** Bits of `transferFlags` that change what a transfer does. */
export const transferFlags = {
  /** A short packet from the device is an error. */
  shortNotOk: 0x0001,
  /** An empty packet follows data that fills its last packet. */
  zeroPacket: 0x0040,
} as const;

/** Values of `speed`. */
export const usbIpSpeeds = { low: 1, full: 2, high: 3, wireless: 4, super: 5 } as const;

/** The longest transfer that is taken, in bytes; a longer one ends the connection. */
export const maxTransferBytes = 0x10_0000;

/** Begins each message before an import. */
export const operationHeader = struct({ version: u16, code: u16, status: u32 });

/** Follows the header of an import request. */
export const importRequest = struct({ busId: text(32) });

/** Follows the header of a list reply; then come the devices. */
export const listReply = struct({ deviceCount: u32 });

/** A device, in a list (where its interfaces follow) and in the reply to an import. */
export const deviceRecord = struct({
  path: text(256),
  busId: text(32),
  busNumber: u32,
  deviceNumber: u32,
  speed: u32,
  vendorId: u16,
  productId: u16,
  deviceVersion: u16,
  deviceClass: u8,
  deviceSubclass: u8,
  deviceProtocol: u8,
  configurationValue: u8,
  configurationCount: u8,
  interfaceCount: u8,
});

/** What {@link deviceRecord} holds. */
export type DeviceRecord = StructValue<typeof deviceRecord>;

/** An interface of a device in a list. */
export const interfaceRecord = struct({
  class: u8,
  subclass: u8,
  protocol: u8,
  unused: padding(1),
});

/** What {@link interfaceRecord} holds. */
export type InterfaceRecord = StructValue<typeof interfaceRecord>;

const basicHeader = {
  command: u32,
  sequence: u32,
  /** Bus number and device number; 0 in replies, as are direction and endpoint. */
  deviceId: u32,
  /** 0 out to the device, 1 in to the host. */
  direction: u32,
  endpoint: u32,
} as const;

/** Asks for a transfer; when it goes out, its data follows. */
export const submitCommand = struct({
  ...basicHeader,
  transferFlags: u32,
  byteCount: u32,
  startFrame: u32,
  /** Unless the transfer is isochronous, 0 (what kernels send) or 0xffffffff (what the document says). */
  packetCount: u32,
  interval: u32,
  setup: raw(8),
});

/** Tells how a transfer ended; when it came in, its data follows. */
export const submitReply = struct({
  ...basicHeader,
  status: i32,
  byteCount: u32,
  startFrame: u32,
  packetCount: u32,
  errorCount: u32,
  unused: padding(8),
});

/** Takes a transfer back. */
export const unlinkCommand = struct({ ...basicHeader, unlinkSequence: u32, unused: padding(24) });

/** Tells whether it came before the transfer's end. */
export const unlinkReply = struct({ ...basicHeader, status: i32, unused: padding(24) });
