export {
  defaultUsbIpAddress,
  formatUsbIpAddress,
  keepAliveMs,
  parseUsbIpAddress,
  type UsbIpAddress,
} from './address.ts';
export { Intake } from './intake.ts';
export {
  type DeviceRecord,
  deviceRecord,
  type InterfaceRecord,
  importRequest,
  importStatus,
  interfaceRecord,
  listReply,
  maxTransferBytes,
  operationHeader,
  operations,
  transferFlags,
  transferStatus,
  usbIpSpeeds,
  usbIpVersion,
} from './layout.ts';
export {
  encodeImport,
  encodeList,
  encodeSubmitReply,
  encodeUnlinkReply,
  type ListedDevice,
} from './replies.ts';
export {
  RequestReader,
  type SubmitRequest,
  type UnlinkRequest,
  type UsbIpRequest,
} from './requests.ts';
