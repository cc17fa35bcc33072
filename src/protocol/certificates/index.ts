export {
  type Capability,
  capabilitiesToBits,
  capabilityBits,
  modelSchema,
  serialSchema,
  vendorSchema,
} from './certificate.ts';
export { chainIdOf, encodeChain, maxChainBytes } from './chain.ts';
export {
  type DeviceFields,
  issueDeviceCertificate,
  issueIssuerCertificate,
  issueRevocationList,
} from './issue.ts';
export { parseRoot, type TrustedRoot } from './root.ts';
export { testRoot } from './test-root.ts';
export { createTrustStore, type Pin, type TrustOptions, type TrustStore } from './trust-store.ts';
export {
  type DongleClaims,
  type DongleIdentity,
  type TrustErrorCode,
  verifyChain,
} from './verify-chain.ts';
