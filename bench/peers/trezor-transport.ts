import { requirePeer } from './load.ts';

type Result<Payload> =
  | { readonly success: true; readonly payload: Payload }
  | { readonly success: false; readonly error: string };

interface Api {
  success<Payload>(payload: Payload): Result<Payload>;
}

interface Message {
  readonly type: string;
  readonly message: { readonly message: string };
}

interface Transport {
  init(): Promise<Result<unknown>>;
  enumerate(): Promise<Result<readonly { readonly path: string }[]>>;
  acquire(options: { input: { path: string; previous: null } }): Promise<Result<string>>;
  call(options: { session: string; name: string; data: object }): Promise<Result<Message>>;
}

type ApiClass = new (options: { type: 'usb' }) => Api;
type TransportClass = new (options: { api: Api; messages: unknown; id: string }) => Transport;

const messageTypeOffset = 3;
const successType = 2;

/**
 * Exchanges a 32-byte message `count` times through the `call` of @trezor/transport: session
 * look-up, deadline, protobuf, @trezor/protocol v1, 64-byte packets. The device is in memory:
 * an API class like the package's own for USB and UDP, without its timers. `Ping` and `Success`
 * carry the text in the same field, so the device answers by changing the type alone. Cleartext.
 */
export async function trezorExchange(): Promise<(count: number) => Promise<void>> {
  const { AbstractApi } = requirePeer<{ AbstractApi: ApiClass }>(
    '@trezor/transport/lib/api/abstract.js',
  );
  // Not the package's index, which loads a native USB library.
  const { AbstractApiTransport } = requirePeer<{ AbstractApiTransport: TransportClass }>(
    '@trezor/transport/lib/transports/abstractApi.js',
  );
  const messages = requirePeer<unknown>('@trezor/protobuf/messages.json');

  class MemoryApi extends AbstractApi {
    readonly chunkSize = 64;
    readonly #answers: Buffer[] = [];

    enumerate() {
      const device = { path: '1', type: 3, product: 0x53c1, vendor: 0x1209, id: '1' };
      return Promise.resolve(this.success([{ ...device, apiType: 'usb' }]));
    }
    openDevice() {
      return Promise.resolve(this.success(undefined));
    }
    write(_path: string, packet: Buffer) {
      const answer = Buffer.from(packet);
      answer.writeUInt16BE(successType, messageTypeOffset);
      this.#answers.push(answer);
      return Promise.resolve(this.success(undefined));
    }
    read() {
      return Promise.resolve(this.success(this.#answers.shift()));
    }
  }

  const transport = new AbstractApiTransport({
    api: new MemoryApi({ type: 'usb' }),
    messages,
    id: 'bench',
  });
  await transport.init();
  const devices = payloadOf(await transport.enumerate());
  const path = devices[0]?.path ?? '';
  const session = payloadOf(await transport.acquire({ input: { path, previous: null } }));
  const text = 'x'.repeat(32);

  return async (count) => {
    for (let i = 0; i < count; i++) {
      const answer = payloadOf(
        await transport.call({ session, name: 'Ping', data: { message: text } }),
      );
      if (answer.message.message !== text) throw new Error('not an echo');
    }
  };
}

function payloadOf<Payload>(result: Result<Payload>): Payload {
  if (!result.success) throw new Error(`@trezor/transport: ${result.error}`);
  return result.payload;
}
