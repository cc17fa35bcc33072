import { suite } from '#crypto';
import type { FaceName } from '../link.ts';
import type {
  HelloResponse,
  HostSession,
  SealedRecord,
  SessionKeys,
} from '../protocol/channel/index.ts';
import type { Command } from '../protocol/commands/index.ts';
import type { Handshake } from '../protocol/noise/index.ts';
import { packetCommands, packetErrorCode } from '../protocol/packets/index.ts';
import { type Heard, longestMessage, RawHost } from './raw-host.ts';
import type { CaseRuntime } from './runtimes.ts';
import type { Timing } from './step-data.ts';
import type { Target } from './target.ts';
import type { Saved } from './values.ts';

/** This host's end of a channel. */
export interface ChannelEnd {
  readonly name: string;
  readonly host: RawHost;
  id: number;
  /** When the last packet was sent on it. */
  sentMs: number;
  greeting?: {
    readonly runtime: CaseRuntime;
    readonly hello: HelloResponse;
    readonly noise: Handshake;
    /** Messages of the handshake by their numbers, 4 being the verdict. */
    readonly messages: Map<1 | 2 | 3 | 4, Uint8Array>;
  };
  session?: SessionEnd;
}

/** This host's end of a session. */
export interface SessionEnd {
  readonly runtime: CaseRuntime;
  readonly keys: SessionKeys;
  readonly sealing: HostSession;
  readonly largestPlaintext: number;
  /** All requests, the last one last; a command that does not exist is undefined. */
  readonly sent: { readonly sealed: SealedRecord; readonly command: Command | undefined }[];
  /** The record of the last reply. */
  reply: Uint8Array | undefined;
  /** How many of the requests have had their reply, as far as the last one heard tells. */
  heard: number;
  /** The device has ended it, or was asked to. */
  over: boolean;
}

/** What the steps of one case share. */
export interface CaseRun {
  readonly target: Target;
  readonly face: FaceName;
  readonly hosts: Map<FaceName, RawHost>;
  readonly channels: Map<string, ChannelEnd>;
  readonly runtimes: Map<string, CaseRuntime>;
  readonly saved: Saved;
  /** When the last packet was sent on any channel. */
  sentMs: number;
}

/** Channel id on which INIT asks for a channel. */
export const broadcastId = 0xffff_ffff;

/** How long an answer may take unless the case says otherwise, in milliseconds. */
const defaultWithinMs = 1000;

/** Longest pause between two looks at what has come. */
const lookMs = 20;

/** The raw host on a face; the link is opened when it is needed first. */
export async function hostOn(run: CaseRun, face: FaceName): Promise<RawHost> {
  let host = run.hosts.get(face);
  if (host === undefined) {
    host = await RawHost.open(run.target.source(face), run.target.clock);
    run.hosts.set(face, host);
  }
  return host;
}

/** Closes every link; all channels are forgotten, as they will be in the device. */
export async function closeLinks(run: CaseRun): Promise<void> {
  for (const host of run.hosts.values()) await host.close();
  run.hosts.clear();
  run.channels.clear();
}

/** The channel of that name. */
export async function channelOf(run: CaseRun, name: string): Promise<ChannelEnd> {
  const channel = run.channels.get(name);
  if (channel !== undefined) return channel;
  if (name !== 'broadcast') throw new Error(`no channel has the name ${name}`);
  return addChannel(run, name, await hostOn(run, run.face), broadcastId);
}

export function addChannel(run: CaseRun, name: string, host: RawHost, id: number): ChannelEnd {
  const channel: ChannelEnd = { name, host, id, sentMs: run.target.clock.now() };
  run.channels.set(name, channel);
  return channel;
}

/** Longest message on the channel's face, in bytes. */
export function largestOn(channel: ChannelEnd): number {
  return longestMessage(channel.host.packetBytes);
}

/** Sends packets on a channel. */
export function sendPackets(
  run: CaseRun,
  channel: ChannelEnd,
  packets: readonly Uint8Array[],
): void {
  channel.sentMs = run.sentMs = run.target.clock.now();
  channel.host.send(packets);
}

/** Lets time pass until a message comes on the channel, and takes it. */
export async function hearMessage(
  run: CaseRun,
  channel: ChannelEnd,
  timing: Timing,
): Promise<Heard> {
  const { clock, pass, toleranceMs = 0 } = run.target;
  const { afterMs = 0, withinMs = defaultWithinMs } = timing;
  const { messages } = channel.host.inbox(channel.id);
  const endMs = channel.sentMs + withinMs + toleranceMs;
  // What can come at once comes before any time has passed.
  await pass(0);
  for (let waitMs = 1; messages.length === 0 && clock.now() < endMs; waitMs = lookMs) {
    await pass(Math.min(waitMs, endMs - clock.now()));
  }
  const heard = messages.shift();
  if (heard === undefined) throw new Error(`nothing came on ${channel.name} within ${withinMs} ms`);
  const tookMs = heard.atMs - channel.sentMs;
  if (tookMs < afterMs || heard.atMs > endMs) {
    throw new Error(`${describe(heard)} came on ${channel.name} after ${tookMs.toFixed(1)} ms`);
  }
  return heard;
}

/** The next message on the channel, which must have this command. */
export async function hearCommand(
  run: CaseRun,
  channel: ChannelEnd,
  command: number,
  timing: Timing,
): Promise<Uint8Array> {
  const heard = await hearMessage(run, channel, timing);
  if (heard.command === command) return heard.payload;
  throw new Error(`${describe(heard)} came on ${channel.name} instead of ${commandName(command)}`);
}

/** A message in words. */
export function describe({ command, payload }: Heard): string {
  const error = command === packetCommands.ERROR.code && payload.length === 1;
  if (error) return `ERROR ${packetErrorCode(payload[0] as number)}`;
  return `${commandName(command)} with ${payload.length} bytes`;
}

function commandName(code: number): string {
  const found = Object.entries(packetCommands).find(
    ([, command]) =>
      code >= command.code && code <= ('lastCode' in command ? command.lastCode : command.code),
  );
  return found === undefined ? `packet command ${code}` : found[0];
}

export function randomBytes(run: CaseRun, count: number): Uint8Array {
  return (run.target.random ?? suite.randomBytes)(count);
}
