import { equalBytes } from '../bytes.ts';
import { type PacketErrorCode, packetCommands, packetErrors } from '../protocol/packets/index.ts';
import type { PacketStep } from './case.ts';
import {
  addChannel,
  broadcastId,
  type CaseRun,
  type ChannelEnd,
  channelOf,
  describe,
  hearCommand,
  hearMessage,
  hostOn,
  largestOn,
  randomBytes,
  sendPackets,
} from './case-run.ts';
import { cutIntoPackets } from './raw-host.ts';
import type { Timing } from './step-data.ts';
import { bytesOf, check } from './values.ts';

const { INIT, ERROR } = packetCommands;
const nonceBytes = 8;
const initAnswerBytes = 17;

/** Does a step of the packet layer. */
export async function doPacketStep(run: CaseRun, step: PacketStep): Promise<void> {
  switch (step.do) {
    case 'open': {
      const face = step.face === undefined ? run.face : run.face === 'hid' ? 'vendor' : 'hid';
      await openChannel(run, step.on, step, face);
      return;
    }
    case 'name': {
      addChannel(run, step.on, await hostOn(run, run.face), await idOf(run, step.id));
      return;
    }
    case 'resync': {
      const channel = await channelOf(run, step.on);
      const id = await init(run, channel, step);
      if (id !== channel.id) throw new Error(`INIT on ${channel.name} gave another channel`);
      return;
    }
    case 'send': {
      const channel = await channelOf(run, step.on);
      const largest = largestOn(channel);
      const payload = bytesOf(step.payload ?? { bytes: 0 }, run.saved, largest);
      const announced = step.announced === 'too large' ? largest + 1 : step.announced;
      const command = codeOf(step.command);
      const { packetBytes } = channel.host;
      const packets = cutIntoPackets(packetBytes, channel.id, command, payload, announced);
      sendPackets(run, channel, packets.slice(step.from, step.to));
      return;
    }
    case 'expect': {
      const channel = await channelOf(run, step.on);
      const payload = await hearCommand(run, channel, codeOf(step.command), step);
      if (step.payload === undefined) return;
      check('the payload', payload, step.payload, run.saved, largestOn(channel));
      return;
    }
    case 'refused':
      return hearError(run, await channelOf(run, step.on), step);
    case 'pushed': {
      const channel = await channelOf(run, step.on);
      channel.sentMs = run.sentMs;
      return hearError(run, channel, step);
    }
    case 'silence':
      await run.target.pass(step.ms);
      expectNothing(run);
      return;
    case 'wait':
      await run.target.pass(step.ms);
      return;
  }
}

/** Asks for a channel and gives it a name. */
export async function openChannel(
  run: CaseRun,
  name: string,
  timing: { withinMs?: number },
  face = run.face,
): Promise<ChannelEnd> {
  const host = await hostOn(run, face);
  const broadcast = { name: 'broadcast', host, id: broadcastId, sentMs: 0 };
  const id = await init(run, broadcast, timing);
  run.saved.set(`${name}.id`, id);
  return addChannel(run, name, host, id);
}

async function idOf(run: CaseRun, id: (PacketStep & { do: 'name' })['id']): Promise<number> {
  if (typeof id === 'string') return Number.parseInt(id, 16);
  if ('of' in id) return (await channelOf(run, id.of)).id;
  const saved = run.saved.get(id.saved);
  if (typeof saved !== 'number') throw new Error(`no number is saved as ${id.saved}`);
  return saved;
}

/** The errors after which a channel has no session. */
const endings: readonly PacketErrorCode[] = [
  ...(['NO_SESSION', 'FORKED', 'SUPERSEDED', 'BINDING_LOST', 'LOCKED_OUT', 'SHARED'] as const),
];

async function hearError(
  run: CaseRun,
  channel: ChannelEnd,
  step: Timing & { readonly error: PacketErrorCode },
): Promise<void> {
  const heard = await hearMessage(run, channel, step);
  const { command, payload } = heard;
  const right =
    command === ERROR.code && payload.length === 1 && payload[0] === packetErrors[step.error];
  if (!right) {
    throw new Error(`${describe(heard)} came on ${channel.name} instead of ${step.error}`);
  }
  if (channel.session !== undefined && endings.includes(step.error)) channel.session.over = true;
}

/** INIT; the channel id of its answer. */
async function init(
  run: CaseRun,
  channel: ChannelEnd,
  timing: { withinMs?: number },
): Promise<number> {
  const nonce = randomBytes(run, nonceBytes);
  sendPackets(run, channel, cutIntoPackets(channel.host.packetBytes, channel.id, INIT.code, nonce));
  const answer = await hearCommand(run, channel, INIT.code, timing);
  if (answer.length < initAnswerBytes || !equalBytes(answer.subarray(0, nonceBytes), nonce)) {
    throw new Error('the INIT answer is too short, or to another nonce');
  }
  return new DataView(answer.buffer, answer.byteOffset).getUint32(nonceBytes);
}

/** Throws an Error where something has come that no step has taken. */
export function expectNothing(run: CaseRun): void {
  for (const channel of run.channels.values()) {
    const { messages, keepalivesMs } = channel.host.inbox(channel.id);
    const [message] = messages;
    if (message !== undefined)
      throw new Error(`${describe(message)} came unasked on ${channel.name}`);
    if (keepalivesMs.length > 0) throw new Error(`KEEPALIVE came on ${channel.name} for nothing`);
  }
}

function codeOf(command: (PacketStep & { do: 'send' })['command']): number {
  return typeof command === 'number' ? command : packetCommands[command].code;
}
