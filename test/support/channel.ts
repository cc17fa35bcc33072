import { suite } from '#crypto';
import { utf8 } from '../../src/bytes.ts';
import { channelHandshake, DeviceSession, HostSession } from '../../src/protocol/channel/index.ts';

/** Both ends of a new session, its verdict already sealed. */
export async function sessionPair(): Promise<{
  host: HostSession;
  device: DeviceSession;
  again: HostSession;
}> {
  const prologue = utf8('test');
  const host = channelHandshake({
    role: 'initiator',
    prologue,
    staticKey: await suite.generateDhKey(),
  });
  const device = channelHandshake({
    role: 'responder',
    prologue,
    staticKey: await suite.generateDhKey(),
  });
  for (const [from, to] of [
    [host, device],
    [device, host],
    [host, device],
  ] as const) {
    const message = await from.writeMessage();
    if (!message.ok) throw new Error('a handshake message could not be written');
    await to.readMessage(message.value);
  }
  const keys = host.split();
  const deviceEnd = new DeviceSession(device.split());
  deviceEnd.reply(utf8('verdict'));
  return { host: new HostSession(keys), device: deviceEnd, again: new HostSession(keys) };
}
