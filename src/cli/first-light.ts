import { createPublicKey, verify } from 'node:crypto';
import { equalBytes, toHex, utf8 } from '../bytes.ts';
import { connect, hello } from '../client/connect.ts';
import type { Dongle } from '../client/dongle.ts';
import { commandOf, type Deed, tapWire } from '../conformance/wire.ts';
import type { LoopbackPort } from '../emulator/index.ts';
import type { ErrorCode } from '../errors.ts';
import { isRecordCommand, packetCommands, packetErrorCode } from '../protocol/packets/index.ts';
import { codeOf, type Demo, expect } from './demo-steps.ts';
import { plugEmulated } from './emulated.ts';
import { trustFrom } from './trust.ts';

/** The sealed session with an emulated dongle: from plugging it in to pulling it out. */
export function firstLight(): Demo {
  const wire = new DemoWire();
  let port: LoopbackPort;
  let dongle: Dongle;

  return {
    title: 'latchkey demo: a sealed session with an emulated dongle, all in this process',
    steps: [
      {
        name: 'attach',
        async run() {
          port = await plugEmulated({});
          return 'a dongle made of software boots from its flash and is configured on a USB port';
        },
      },
      {
        name: 'hello',
        async run() {
          const { serial, model, largestMessage } = await hello(port.source('hid'));
          return `it says in clear: ${model} ${serial}, messages of up to ${largestMessage} bytes`;
        },
      },
      {
        name: 'handshake',
        async run() {
          const trust = await trustFrom({});
          dongle = await connect(tapWire(port.source('hid'), wire), { trust });
          return `Noise XX in ${wire.handshakePackets} packets of 64 bytes: from here on all is encrypted`;
        },
      },
      {
        name: 'certificate',
        async run() {
          const { serial, model, rootName } = dongle.identity;
          const refusal = await codeOf(
            trustFrom({ production: true }).then((trust) => connect(port.source('hid'), { trust })),
          );
          expect(refusal === 'CERTIFICATE_TEST', `a production trust store said ${refusal}`);
          return `${model} dongle ${serial} under ${rootName}; a production trust store refuses it (${refusal})`;
        },
      },
      {
        name: 'aes',
        async run() {
          const data = utf8('a secret of the protected software');
          const iv = await dongle.random(12);
          const sealed = await dongle.aes.encrypt({ mode: 'gcm', iv, data });
          const opened = await dongle.aes.decrypt({ mode: 'gcm', iv, data: sealed });
          expect(equalBytes(opened, data), 'the chip decrypted something else');
          sealed[0] = (sealed[0] as number) ^ 1;
          const refusal = await codeOf(dongle.aes.decrypt({ mode: 'gcm', iv, data: sealed }));
          expect(refusal === 'DECRYPT_FAILED', `altered data gave ${refusal}`);
          return `${data.length} bytes sealed and opened by the chip (AES-256-GCM); altered, it refuses them (${refusal})`;
        },
      },
      {
        name: 'rsa',
        async run() {
          const { key } = await dongle.rsa.generate({ bits: 2048 });
          const message = utf8('signed on the chip');
          const signature = await dongle.rsa.sign({
            key,
            scheme: 'pkcs1',
            hash: 'sha256',
            message,
          });
          const { modulus, exponent } = await dongle.rsa.publicKey({ key });
          const jwk = { kty: 'RSA', n: base64Url(modulus), e: base64Url(exponent) };
          const good = verify(
            'sha256',
            message,
            createPublicKey({ key: jwk, format: 'jwk' }),
            signature,
          );
          expect(good, 'OpenSSL does not accept the signature');
          return `a 2,048-bit key made on the chip signs; OpenSSL verifies ${toHex(signature.slice(0, 6))}…`;
        },
      },
      {
        name: 'tampered-record',
        async run() {
          wire.tamperNext = true;
          await dongle.echo(utf8('hello'));
          const { refusal } = wire;
          expect(refusal === 'RECORD_REFUSED', `the dongle said ${refusal} to it`);
          return `one bit altered on the wire: refused (${refusal}); the genuine record, sent again, is taken`;
        },
      },
      {
        name: 'lost-answer',
        async run() {
          wire.loseNext = true;
          const drawn = await dongle.random(16);
          const { lost, answers } = wire;
          expect(lost !== undefined, 'no answer was lost');
          expect(answers === 2 && wire.sameAnswer, 'the command was done twice');
          return `dropped on the wire, asked for anew: the same sealed bytes again, nothing done twice (${toHex(drawn.slice(0, 6))}…)`;
        },
      },
      {
        name: 'detach',
        async run() {
          await dongle.close();
          port.unplug();
          const refusal = await codeOf(dongle.echo(utf8('anybody there?')));
          expect(refusal === 'CLOSED', `a call afterwards gave ${refusal}`);
          return 'the session is ended, its keys are forgotten, the dongle is unplugged';
        },
      },
    ],
    async clear() {
      await dongle?.close();
      port?.unplug();
    },
  };
}

/** The wire between this host and the dongle, with a hand on it. */
class DemoWire {
  /** Packets of the handshake, both ways. */
  handshakePackets = 0;
  tamperNext = false;
  loseNext = false;
  /** What the dongle said to the tampered record. */
  refusal: ErrorCode | undefined;
  /** The answer that was lost, and how many answers came since then, itself included. */
  lost: Uint8Array | undefined;
  answers = 0;
  sameAnswer = false;
  #inHandshake = false;

  toDevice(packet: Uint8Array): Deed {
    this.#count(packet);
    if (this.tamperNext && isRecord(packet)) {
      this.tamperNext = false;
      packet[20] = (packet[20] as number) ^ 1;
    }
    return 'pass';
  }

  toHost(packet: Uint8Array): Deed {
    this.#count(packet);
    if (commandOf(packet) === packetCommands.ERROR.code) {
      this.refusal = packetErrorCode(packet[7] as number);
    }
    if (!isRecord(packet)) return 'pass';
    this.answers++;
    if (this.loseNext) {
      this.loseNext = false;
      this.lost = packet.slice();
      this.answers = 1;
      return 'drop';
    }
    this.sameAnswer = this.lost !== undefined && equalBytes(this.lost, packet);
    return 'pass';
  }

  #count(packet: Uint8Array): void {
    const command = commandOf(packet);
    if (command !== undefined) this.#inHandshake = command === packetCommands.HANDSHAKE.code;
    if (this.#inHandshake) this.handshakePackets++;
  }
}

function isRecord(packet: Uint8Array): boolean {
  const command = commandOf(packet);
  return command !== undefined && isRecordCommand(command);
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
