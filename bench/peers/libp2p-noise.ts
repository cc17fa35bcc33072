import { importPeer } from './load.ts';

type PrivateKey = object;
type Logger = object;
type Connection = { abort(error: Error): void };

interface Noise {
  secureInbound(connection: Connection, options?: object): Promise<{ remotePeer: unknown }>;
  secureOutbound(connection: Connection, options?: object): Promise<{ remotePeer: unknown }>;
}

interface NoiseComponents {
  readonly privateKey: PrivateKey;
  readonly logger: Logger;
  readonly upgrader: { getStreamMuxers(): Map<string, unknown> };
}

interface PairOptions {
  inbound: { remoteAddr: unknown };
  outbound: { remoteAddr: unknown };
}

/**
 * Runs `count` handshakes of @chainsafe/libp2p-noise, both sides in this process, over libp2p's
 * own in-memory connection pair (no delay). There is no handshake without identity in its API, so
 * each includes one Ed25519 signature and one verification on either side.
 */
export async function libp2pHandshakes(): Promise<(count: number) => Promise<void>> {
  addWithResolvers();
  const { noise } = await importPeer<{ noise(): (components: NoiseComponents) => Noise }>(
    '@chainsafe/libp2p-noise',
  );
  const { generateKeyPair } = await importPeer<{
    generateKeyPair(type: 'Ed25519'): Promise<PrivateKey>;
  }>('@libp2p/crypto/keys');
  const { defaultLogger } = await importPeer<{ defaultLogger(): Logger }>('@libp2p/logger');
  const { multiaddrConnectionPair } = await importPeer<{
    multiaddrConnectionPair(options: PairOptions): [outbound: Connection, inbound: Connection];
  }>('@libp2p/utils');
  const { multiaddr } = await importPeer<{ multiaddr(text: string): unknown }>(
    '@multiformats/multiaddr',
  );

  const logger = defaultLogger();
  const upgrader = { getStreamMuxers: () => new Map<string, unknown>() };
  const side = async () =>
    noise()({ privateKey: await generateKeyPair('Ed25519'), logger, upgrader });
  const host = await side();
  const device = await side();
  // Parsed once: by default the pair parses two new addresses for each connection.
  const addresses: PairOptions = {
    inbound: { remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/1') },
    outbound: { remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/2') },
  };
  const options = { skipStreamMuxerNegotiation: true };

  return async (count) => {
    for (let i = 0; i < count; i++) {
      const [outbound, inbound] = multiaddrConnectionPair(addresses);
      const [hostSide, deviceSide] = await Promise.all([
        host.secureOutbound(outbound, options),
        device.secureInbound(inbound, options),
      ]);
      if (!hostSide.remotePeer || !deviceSide.remotePeer) throw new Error('handshake failed');
    }
  };
}

/** Today's @libp2p/utils needs `Promise.withResolvers`, which Node 20 lacks. */
function addWithResolvers(): void {
  const global = Promise as { withResolvers?: unknown };
  global.withResolvers ??= <Value>() => {
    let resolve!: (value: Value) => void;
    let reject!: (reason: unknown) => void;
    const promise = new Promise<Value>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    return { promise, resolve, reject };
  };
}
