export {
  createHandshake,
  type Handshake,
  type HandshakeOptions,
  type HandshakeStep,
  type Turn,
} from './handshake.ts';
export {
  fundamentalPatterns,
  type HandshakePattern,
  parsePattern,
  type Role,
  type Token,
} from './patterns.ts';
export {
  createTransportKey,
  maxNoiseMessageBytes,
  type TransportKey,
  tagBytes,
} from './transport-key.ts';
