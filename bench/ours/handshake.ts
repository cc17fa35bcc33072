import { suite } from '#crypto';
import { createHandshake } from '../../src/protocol/noise/index.ts';

/** Runs `count` Noise XX handshakes with empty payloads, both sides, to the transport keys. */
export async function handshakes(): Promise<(count: number) => Promise<void>> {
  const hostKey = await suite.generateDhKey();
  const deviceKey = await suite.generateDhKey();
  return async (count) => {
    for (let i = 0; i < count; i++) {
      const host = createHandshake({ pattern: 'XX', role: 'initiator', staticKey: hostKey });
      const device = createHandshake({ pattern: 'XX', role: 'responder', staticKey: deviceKey });
      const steps = [
        [host, device],
        [device, host],
        [host, device],
      ] as const;
      for (const [writer, reader] of steps) {
        const message = await writer.writeMessage();
        if (!message.ok) throw new Error('a handshake message could not be written');
        const read = await reader.readMessage(message.value);
        if (!read.ok) throw new Error('a handshake message was refused');
      }
      host.split();
      device.split();
    }
  };
}
