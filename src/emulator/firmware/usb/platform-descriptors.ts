import { concatBytes } from '../../../bytes.ts';
import { usbFunctions } from '../../../protocol/usb/index.ts';
import { descriptor, descriptorTypes, guid, structure, utf16 } from './structure.ts';

// What lets a host use the vendor face without a driver: Windows loads WinUSB for it, and pages
// find out that the device knows WebUSB.

/** bRequest of the vendor requests that the platform capabilities announce. */
export const vendorCodes = { webUsb: 0x01, msOs: 0x02 } as const;

/** wIndex of the request for the descriptor set (Microsoft OS 2.0 Descriptors, table 8). */
export const msOsDescriptorIndex = 7;

/** Windows 8.1, the first that knows these descriptors. */
const windowsVersion = 0x0603_0000;

/** What programs on Windows may look the vendor face up by. */
const interfaceGuid = '{8D2B6C5E-3F0A-4B7D-9C41-6A7E52D9B1F3}';

/** Descriptor types of Microsoft OS 2.0 Descriptors, table 9. */
const msOsTypes = {
  setHeader: 0,
  configurationSubset: 1,
  functionSubset: 2,
  compatibleId: 3,
  registryProperty: 4,
} as const;

const registryMultiString = 7;

/** A feature of the set: its length and type come first. */
function feature(type: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...content);
  return structure({ wLength: 4 + body.length, wDescriptorType: type }, body);
}

/** A header that counts itself and what belongs to it. */
function subset(
  type: number,
  fields: Readonly<Record<string, number>>,
  ...content: readonly Uint8Array[]
): Uint8Array {
  const body = concatBytes(...content);
  const headerBytes = 6 + structure(fields).length;
  const wTotalLength = headerBytes + body.length;
  return structure({ wLength: headerBytes, wDescriptorType: type, ...fields, wTotalLength }, body);
}

function registryProperty(type: number, name: string, value: string): Uint8Array {
  const nameBytes = utf16(`${name}\0`);
  const valueBytes = utf16(value);
  return feature(
    msOsTypes.registryProperty,
    structure({ wPropertyDataType: type, wPropertyNameLength: nameBytes.length }, nameBytes),
    structure({ wPropertyDataLength: valueBytes.length }, valueBytes),
  );
}

/** The compatible id of a driver, with no sub-id: two texts of eight bytes. */
function compatibleId(id: string): Uint8Array {
  const padded = new Uint8Array(16);
  padded.set(Uint8Array.from(id, (character) => character.charCodeAt(0)));
  return feature(msOsTypes.compatibleId, padded);
}

/** The Microsoft OS 2.0 descriptor set: WinUSB for the vendor face, and nothing else. */
export const msOsDescriptorSet = subset(
  msOsTypes.setHeader,
  { dwWindowsVersion: windowsVersion },
  subset(
    msOsTypes.configurationSubset,
    // Windows takes this for the configuration's index, whatever the name says.
    { bConfigurationValue: 0, bReserved: 0 },
    subset(
      msOsTypes.functionSubset,
      { bFirstInterface: usbFunctions.vendor.interfaceNumber, bReserved: 0 },
      compatibleId('WINUSB'),
      registryProperty(registryMultiString, 'DeviceInterfaceGUIDs', `${interfaceGuid}\0\0`),
    ),
  ),
);

const platformCapability = 0x05;

function platform(uuid: string, data: Uint8Array): Uint8Array {
  return descriptor(
    descriptorTypes.deviceCapability,
    { bDevCapabilityType: platformCapability, bReserved: 0 },
    guid(uuid),
    data,
  );
}

const capabilities = [
  // WebUSB §5.1. Without a landing page (index 0) nobody asks for its URL, and GET_URL stalls.
  platform(
    '3408b638-09a9-47a0-8bfd-a0768815b665',
    structure({ bcdVersion: 0x0100, bVendorCode: vendorCodes.webUsb, iLandingPage: 0 }),
  ),
  // Microsoft OS 2.0 Descriptors, table 4.
  platform(
    'd8dd60df-4589-4cc7-9cd2-659d9e648a9f',
    structure({
      dwWindowsVersion: windowsVersion,
      wMSOSDescriptorSetTotalLength: msOsDescriptorSet.length,
      bMS_VendorCode: vendorCodes.msOs,
      bAltEnumCode: 0,
    }),
  ),
];

const bosHeaderBytes = 5;
const bosBody = concatBytes(...capabilities);

/** The binary device object store (BOS) with all its capabilities (USB 3.2 §9.6.2). */
export const bosDescriptor = structure(
  {
    bLength: bosHeaderBytes,
    bDescriptorType: descriptorTypes.bos,
    wTotalLength: bosHeaderBytes + bosBody.length,
    bNumDeviceCaps: capabilities.length,
  },
  bosBody,
);
