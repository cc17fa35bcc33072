import { suite } from '#crypto';
import type { DhKey } from '../../crypto/suite.ts';
import type { FaceName } from '../../link.ts';
import {
  type ChannelId,
  type DeviceEvent,
  DevicePackets,
  isRecordCommand,
  largestMessage,
  type PacketErrorCode,
  packetCommands,
  packetErrors,
} from '../../protocol/packets/index.ts';
import type { Board } from '../board/board.ts';
import type { Answers } from './answers.ts';
import { Dispatcher } from './dispatcher.ts';
import { Greeter } from './greeter.ts';
import { JobQueue } from './job-queue.ts';
import { KeyTable } from './keys/index.ts';
import { Ledger } from './ledger.ts';
import { Licenses, Seats } from './licenses/index.ts';
import { channelLimit } from './limits.ts';
import type { Manufacture } from './manufacture-block.ts';
import type { Durable } from './ownership/index.ts';
import type { Power } from './power.ts';
import { Registrar } from './registrar.ts';
import { type Call, Sessions } from './sessions.ts';
import type { Store } from './store/store.ts';
import { Streams } from './streams.ts';
import { DongleTime, Nonces } from './time/index.ts';
import { UpdateBuffer } from './updates/index.ts';
import { describeDevice } from './usb/descriptors.ts';
import { Face } from './usb/face.ts';
import { UsbDevice } from './usb/usb-device.ts';
import { firmwareVersion } from './version.ts';

/** The faces, in the order of their numbers in the packet layer. */
const faceNames = ['hid', 'vendor'] as const satisfies readonly FaceName[];

/** CTAP 2.1 §11.2.9.1.8: KEEPALIVE with this status says that the device is still at work. */
const processing = Uint8Array.of(1);

/** What the chip finds in its flash when it boots. */
export interface Memory {
  readonly manufacture: Manufacture;
  readonly store: Store;
  /** Who had the dongle. */
  readonly durable: Durable;
}

/** The code on the chip, running: packets come in from the faces, answers go out by them. */
export class Firmware implements Answers {
  readonly #board: Board;
  readonly #power: Power;
  readonly #faces: readonly Face[];
  readonly #packets: DevicePackets;
  readonly #sessions: Sessions;
  readonly #registrar: Registrar;
  readonly #greeter: Greeter;
  readonly #jobs: JobQueue<Call>;
  readonly #dispatcher: Dispatcher;
  #ticking = false;

  constructor(board: Board, power: Power, memory: Memory, staticKey: DhKey) {
    const { manufacture, store, durable } = memory;
    this.#board = board;
    this.#power = power;
    this.#faces = faceNames.map(
      (name, number) =>
        new Face(name, board.usb, (bytes, offset) => this.#receive(number, bytes, offset)),
    );
    this.#packets = new DevicePackets({
      faces: this.#faces.map(({ packetBytes }) => ({
        packetBytes,
        maxMessageBytes: largestMessage(packetBytes),
      })),
      channelLimit,
      randomBytes: board.random,
      deviceVersion: firmwareVersion,
      onEvict: (channel) => {
        this.#greeter.forget(channel);
        this.#sessions.forget(channel);
      },
    });
    this.#jobs = new JobQueue(power, board.rsa.units, (call) =>
      this.keepAlive(call.session.channel),
    );
    const streams = new Streams();
    const updateBuffer = new UpdateBuffer(() => power.now());
    const seats = new Seats({
      leaseMs: manufacture.rules.leaseMs,
      now: () => power.now(),
      endSilent: (session) => this.#sessions.endSilent(session),
    });
    const nonces = new Nonces(board.random);
    this.#sessions = new Sessions(power, store, {
      answers: this,
      execute: (call) => {
        if (this.#registrar.renew()) this.#dispatcher.execute(call);
        else this.#dispatcher.refuse(call, 'NO_SPACE');
      },
      opened: (session) => this.#packets.pin(session.channel),
      ended: (session, call) => {
        this.#packets.unpin(session.channel);
        if (call !== undefined) this.#jobs.remove(call);
        keys.removeAll(session);
        streams.removeAll(session);
        updateBuffer.forget(session);
        seats.releaseAll(session);
        nonces.forget(session);
        this.#registrar.withdrawInvitation(session);
      },
    });
    const ledger = new Ledger(store, power);
    const keys = new KeyTable(manufacture, ledger);
    this.#registrar = new Registrar({
      rules: manufacture.rules,
      durable,
      ledger,
      random: board.random,
      sessions: this.#sessions,
    });
    const time = new DongleTime(ledger);
    const licenses = new Licenses(ledger, time, this.#registrar);
    this.#dispatcher = new Dispatcher(
      {
        ...{ board, manufacture, ledger, keys, streams, registrar: this.#registrar },
        ...{ dongleId: suite.sha256(staticKey.publicKey), time, nonces, licenses, seats },
        ...{ staticKey, updateBuffer },
      },
      this.#jobs,
      (call, plaintext) => this.#reply(call, plaintext),
    );
    this.#greeter = new Greeter({
      manufacture,
      staticKey,
      random: board.random,
      generateDhKey: board.generateDhKey,
      answers: this,
      sessions: this.#sessions,
      registrar: this.#registrar,
    });
    const descriptors = describeDevice({ serial: manufacture.serial, version: firmwareVersion });
    board.usb.listen(
      new UsbDevice(this.#faces, descriptors, {
        reset: () => this.#reset(),
        attached: () => {
          this.#greeter.attach();
          this.#registrar.attach();
        },
      }),
    );
  }

  send(channel: ChannelId, command: number, payload: Uint8Array): void {
    const face = this.#packets.faceOf(channel);
    // Without power, or after a reset, there is nobody to tell.
    if (!this.#power.on || face === undefined) return;
    (this.#faces[face] as Face).transmitter.send(channel, command, payload);
  }

  refuse(channel: ChannelId, code: PacketErrorCode): void {
    this.send(channel, packetCommands.ERROR.code, Uint8Array.of(packetErrors[code]));
  }

  keepAlive(channel: ChannelId): void {
    const face = this.#packets.faceOf(channel);
    if (face === undefined || !(this.#faces[face] as Face).transmitter.hasRoom) return;
    this.send(channel, packetCommands.KEEPALIVE.code, processing);
  }

  #reset(): void {
    this.#sessions.reset();
    this.#greeter.reset();
    this.#packets.reset();
  }

  /** The lease runs from the reply on, however long the command took. */
  #reply(call: Call, plaintext: Uint8Array): void {
    if (!call.pending) return;
    this.#registrar.renew();
    this.#sessions.reply(call, plaintext);
  }

  #receive(face: number, bytes: Uint8Array, offset: number): void {
    if (!this.#power.on) return;
    const nowMs = this.#power.now();
    // A timer may be late; what is due comes before what arrives.
    this.#handle(this.#packets.tick(nowMs));
    this.#handle(this.#packets.receive(face, bytes, offset, nowMs));
    if (!this.#ticking) this.#scheduleTick();
  }

  #scheduleTick(): void {
    const deadlineMs = this.#packets.nextDeadlineMs;
    if (deadlineMs === undefined) return;
    this.#ticking = true;
    this.#power.after(deadlineMs - this.#power.now(), () => {
      this.#ticking = false;
      this.#handle(this.#packets.tick(this.#power.now()));
      this.#scheduleTick();
    });
  }

  #handle(event: DeviceEvent): void {
    switch (event.kind) {
      case 'none':
        return;
      case 'answer':
        (this.#faces[event.face] as Face).transmitter.send(
          event.channel,
          event.command,
          event.payload,
        );
        return;
      case 'cancel': {
        const call = this.#sessions.pendingCall(event.channel);
        if (call !== undefined) this.#dispatcher.cancel(call);
        return;
      }
      case 'request':
        this.#execute(event.face, event.channel, event.command, event.payload);
    }
  }

  /** Executes a message. `payload` is the packet layer's, and good only until this returns. */
  #execute(face: number, channel: ChannelId, command: number, payload: Uint8Array): void {
    if (isRecordCommand(command)) {
      this.#sessions.receive(channel, command, payload);
      return;
    }
    switch (command) {
      case packetCommands.PING.code:
        this.send(channel, command, payload.slice());
        return;
      case packetCommands.WINK.code:
        this.#board.led.winks++;
        this.send(channel, command, payload.slice());
        return;
      case packetCommands.HELLO.code: {
        const { name, packetBytes } = this.#faces[face] as Face;
        this.#greeter.hello(channel, name, largestMessage(packetBytes), payload);
        return;
      }
      case packetCommands.HANDSHAKE.code:
        void this.#greeter.handshake(channel, payload.slice());
        return;
      default:
        this.refuse(channel, 'INVALID_COMMAND');
    }
  }
}
