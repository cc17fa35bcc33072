export {
  hidUsage,
  usbFunctions,
  usbIds,
  vendorInterface,
} from './identity.ts';
