import { requirePeer } from './load.ts';

interface Frame {
  getRawData(): Uint8Array;
}

interface ApduResponse {
  readonly data: Uint8Array;
  readonly statusCode: Uint8Array;
}

interface Either<Right> {
  caseOf<Out>(cases: { Left(error: unknown): Out; Right(value: Right): Out }): Out;
}

interface Maybe<Value> {
  caseOf<Out>(cases: { Nothing(): Out; Just(value: Value): Out }): Out;
}

interface TransportServices {
  apduSenderServiceFactory(options: {
    frameSize: number;
    channel: Maybe<Uint8Array>;
    padding: boolean;
  }): { getFrames(apdu: Uint8Array): Frame[] };
  apduReceiverServiceFactory(options: { channel: Maybe<Uint8Array> }): {
    handleFrame(frame: Uint8Array): Either<Maybe<ApduResponse>>;
  };
}

interface Kit {
  connect(options: object): Promise<string>;
  sendApdu(options: { sessionId: string; apdu: Uint8Array }): Promise<ApduResponse>;
}

interface KitBuilder {
  addTransport(factory: (services: TransportServices) => object): KitBuilder;
  build(): Kit;
}

interface KitModule {
  DeviceManagementKitBuilder: new () => KitBuilder;
  DeviceModelId: { NANO_X: string };
  StaticDeviceModelDataSource: new () => { getDeviceModel(query: { id: string }): object };
  TransportConnectedDevice: new (options: object) => object;
}

interface Purify {
  Just<Value>(value: Value): Maybe<Value>;
  Left(error: unknown): object;
  Right(value: unknown): object;
}

const packetBytes = 64;
const channel = Uint8Array.of(0x01, 0x01);

/**
 * Exchanges a 32-byte message `count` times through `sendApdu` of Ledger's device management kit:
 * session, intent queue, state, framing in 64-byte packets. The transport is in memory and frames
 * with the services that the kit hands to its own WebHID transport, without that one's observables
 * and timers. The session refresher is off. Cleartext.
 */
export async function ledgerKitExchange(): Promise<(count: number) => Promise<void>> {
  const kit = requirePeer<KitModule>('@ledgerhq/device-management-kit');
  const { Just, Left, Right } = requirePeer<Purify>('purify-ts');
  const { EMPTY } = requirePeer<{ EMPTY: object }>('rxjs');

  const id = 'memory';
  const deviceModel = new kit.StaticDeviceModelDataSource().getDeviceModel({
    id: kit.DeviceModelId.NANO_X,
  });

  const memoryTransport = (services: TransportServices) => {
    const options = { channel: Just(channel) };
    const sender = services.apduSenderServiceFactory({
      ...options,
      frameSize: packetBytes,
      padding: true,
    });
    const receiver = services.apduReceiverServiceFactory(options);
    const sendApdu = async (apdu: Uint8Array) => {
      const frames = sender.getFrames(apdu).map((frame) => frame.getRawData());
      for (const frame of answerOf(frames)) {
        const response = receiver.handleFrame(frame).caseOf<ApduResponse | undefined>({
          Left: (error) => {
            throw error;
          },
          Right: (complete) => complete.caseOf({ Nothing: () => undefined, Just: (all) => all }),
        });
        if (response) return Right(response);
      }
      return Left(new Error('no answer'));
    };
    const connected = { id, deviceModel, type: 'USB', transport: id, sendApdu };
    return {
      getIdentifier: () => id,
      isSupported: () => true,
      startDiscovering: () => EMPTY,
      stopDiscovering: () => undefined,
      listenToAvailableDevices: () => EMPTY,
      connect: () => Promise.resolve(Right(new kit.TransportConnectedDevice(connected))),
      disconnect: () => Promise.resolve(Right(undefined)),
    };
  };

  const dmk = new kit.DeviceManagementKitBuilder().addTransport(memoryTransport).build();
  const sessionId = await dmk.connect({
    device: { id, name: id, deviceModel, transport: id },
    sessionRefresherOptions: { isRefresherDisabled: true },
  });
  const apdu = new Uint8Array(5 + 32).fill(0x5a, 5);
  apdu.set([0xe0, 0x01, 0x00, 0x00, 32]);

  return async (count) => {
    for (let i = 0; i < count; i++) {
      const answer = await dmk.sendApdu({ sessionId, apdu });
      if (answer.data.length !== 32 || answer.data[31] !== 0x5a) throw new Error('not an echo');
    }
  };
}

const headerBytes = 2 + 1 + 2;
const apduHeaderBytes = 5;

/**
 * The device's side, as cheap as it can be: one packet's request gives one packet back with the
 * request's data and the status word 9000.
 */
function answerOf(frames: readonly Uint8Array[]): readonly Uint8Array[] {
  const request = frames[0] as Uint8Array;
  const apduAt = headerBytes + 2;
  const dataBytes = request[apduAt + apduHeaderBytes - 1] ?? 0;
  const answer = new Uint8Array(packetBytes);
  answer.set(request.subarray(0, headerBytes));
  answer[headerBytes + 1] = dataBytes + 2;
  const dataAt = apduAt + apduHeaderBytes;
  answer.set(request.subarray(dataAt, dataAt + dataBytes), apduAt);
  answer.set([0x90, 0x00], apduAt + dataBytes);
  return [answer];
}
