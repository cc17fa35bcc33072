export { aesDecrypt, aesEncrypt } from './aes.ts';
export type { Command, Needs, Reach, RequestOf, ResponseOf } from './command.ts';
export { echo } from './echo.ts';
export { end } from './end.ts';
export {
  type DecodedResponse,
  decodeRequest,
  decodeResponse,
  encodeFailure,
  encodeRequest,
  encodeResponse,
} from './envelope.ts';
export { handOver } from './hand-over.ts';
export { invite } from './invite.ts';
export { random } from './random.ts';
export { renew } from './renew.ts';
export { rsaGenerate, rsaPublicKey, rsaSign } from './rsa.ts';
export { type CommandFailure, commandStatus } from './status.ts';
export { commandTable } from './table.ts';
export { wink } from './wink.ts';
