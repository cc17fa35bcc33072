export {
  type License,
  licenseName,
  licenseSchema,
  machineSchema,
  productSchema,
  timeSchema,
  unitsSchema,
} from './license.ts';
export { licenseKeyOf } from './license-key.ts';
