export { claimSchema, type RuntimeClaim, ticketBytes } from './claim.ts';
export {
  DeviceSession,
  type RecordStep,
  recordMemory,
  type SealedRecord,
} from './device-session.ts';
export { channelHandshake, channelPattern, type SessionKeys } from './handshake.ts';
export { type HelloResponse, handshakePrologue, helloRequest, helloResponse } from './hello.ts';
export { HostSession } from './host-session.ts';
export { recordsPerKey, sealBytes } from './record-key.ts';
export {
  type Acceptance,
  decodeVerdict,
  encodeVerdict,
  type Refusal,
  type Verdict,
  verdictSchema,
} from './verdict.ts';
export { channelVersions, commonVersion } from './versions.ts';
