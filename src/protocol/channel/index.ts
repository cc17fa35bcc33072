export {
  DeviceSession,
  type RecordStep,
  refusalLimit,
  type SealedRecord,
} from './device-session.ts';
export { channelHandshake, channelPattern, type SessionKeys } from './handshake.ts';
export { type HelloResponse, handshakePrologue, helloRequest, helloResponse } from './hello.ts';
export { HostSession } from './host-session.ts';
export { recordsPerKey, sealBytes } from './record-key.ts';
export { type Verdict, verdict } from './verdict.ts';
export { channelVersions, commonVersion } from './versions.ts';
