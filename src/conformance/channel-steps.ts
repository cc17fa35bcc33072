import { suite } from '#crypto';
import { equalBytes } from '../bytes.ts';
import { chainIdOf, verifyChain } from '../protocol/certificates/index.ts';
import {
  channelHandshake,
  channelVersions,
  decodeVerdict,
  HostSession,
  handshakePrologue,
  helloRequest,
  helloResponse,
  type Verdict,
} from '../protocol/channel/index.ts';
import { packetCommands, recordCommand } from '../protocol/packets/index.ts';
import { decode, encode } from '../protocol/schema/index.ts';
import type { ChannelStep } from './case.ts';
import {
  type CaseRun,
  type ChannelEnd,
  channelOf,
  hearCommand,
  largestOn,
  randomBytes,
  sendPackets,
} from './case-run.ts';
import { cutIntoPackets } from './raw-host.ts';
import { claimOf, runtimeOf } from './runtimes.ts';
import type { VerdictExpectation } from './step-data.ts';
import { bytesOf, check, tampered } from './values.ts';

type Step<Do extends ChannelStep['do']> = ChannelStep & { do: Do };

const { HELLO, HANDSHAKE } = packetCommands;

/** Where the messages of a greeting keep the verdict. */
const verdictNumber = 4;

/** Does a step of HELLO and the handshake. */
export async function doChannelStep(
  run: CaseRun,
  step: Exclude<ChannelStep, { do: 'session' }>,
): Promise<void> {
  const channel = await channelOf(run, step.on);
  switch (step.do) {
    case 'hello':
      return sayHello(run, channel, step);
    case 'say':
      return sayMessage(run, channel, step);
    case 'hear':
      return step.message === 2
        ? hearMessage2(run, channel, step)
        : hearVerdict(run, channel, step);
  }
}

async function sayHello(run: CaseRun, channel: ChannelEnd, step: Step<'hello'>): Promise<void> {
  const request = encode(helloRequest, { versions: step.versions ?? channelVersions });
  sendMessage(run, channel, HELLO.code, request);
  const answer = await hearCommand(run, channel, HELLO.code, step);
  const hello = decode(helloResponse, answer);
  if (!hello.ok) throw new Error(`the HELLO answer cannot be read: ${hello.detail}`);
  const { face, largestMessage } = hello.value;
  if (face !== channel.host.face) throw new Error(`HELLO tells the face ${face}`);
  if (largestMessage > largestOn(channel)) {
    throw new Error(`HELLO tells of messages of ${largestMessage} bytes`);
  }
  const fields = hello.value as Readonly<Record<string, unknown>>;
  for (const [name, expected] of Object.entries(step.result ?? {})) {
    check(`HELLO’s ${name}`, fields[name], expected, run.saved, largestOn(channel));
  }
  for (const [name, as] of Object.entries(step.save ?? {})) run.saved.set(as, fields[name]);
  const runtime = await runtimeOf(run, step.as);
  const believed = tampered(answer, step.flip === undefined ? {} : { flip: step.flip });
  channel.greeting = {
    runtime,
    hello: hello.value,
    noise: channelHandshake({
      role: 'initiator',
      prologue: handshakePrologue(request, believed),
      staticKey: runtime.key,
      generateEphemeral: async () => suite.importDhKey(randomBytes(run, 32)),
    }),
    messages: new Map(),
  };
}

async function sayMessage(run: CaseRun, channel: ChannelEnd, step: Step<'say'>): Promise<void> {
  const { runtime, noise, messages } = greetingOf(channel);
  let message = messages.get(step.message);
  if (message === undefined) {
    const claim = step.message === 3 ? claimOf(run, runtime, step.claim) : undefined;
    const payload = step.payload && bytesOf(step.payload, run.saved, largestOn(channel));
    const written = await noise.writeMessage(payload ?? claim);
    if (!written.ok) throw new Error(`message ${step.message} cannot be written`);
    message = written.value;
    messages.set(step.message, message);
  }
  sendMessage(run, channel, HANDSHAKE.code, tampered(message, step));
}

async function hearMessage2(run: CaseRun, channel: ChannelEnd, step: Step<'hear'>): Promise<void> {
  const { hello, noise, messages } = greetingOf(channel);
  const message = await hearCommand(run, channel, HANDSHAKE.code, step);
  if (step.again) {
    expectSame(messages.get(2), message);
    return;
  }
  const chain = await noise.readMessage(message);
  if (step.unreadable) {
    if (chain.ok) throw new Error('message 2 is good');
    return;
  }
  if (!chain.ok) throw new Error('message 2 does not authenticate');
  messages.set(2, message);
  if (!equalBytes(chainIdOf(chain.value), hello.chainId)) {
    throw new Error('message 2 carries another certificate chain than HELLO tells');
  }
  const { trust } = run.target;
  if (trust === undefined) return;
  const staticKey = noise.remoteStaticKey as Uint8Array;
  const identity = await verifyChain(trust, chain.value, { ...hello, staticKey });
  if (!identity.ok) throw new Error(`the certificate is refused: ${identity.detail}`);
}

async function hearVerdict(run: CaseRun, channel: ChannelEnd, step: Step<'hear'>): Promise<void> {
  const { runtime, noise, messages } = greetingOf(channel);
  const record = await hearCommand(run, channel, recordCommand(0), step);
  if (step.again) {
    expectSame(messages.get(verdictNumber), record);
    return;
  }
  messages.set(verdictNumber, record);
  const keys = noise.split();
  const plaintext = keys.receive.open(0, record);
  if (plaintext === undefined) throw new Error('the verdict does not authenticate');
  const said = decodeVerdict(plaintext);
  if (!said.ok) throw new Error(`the verdict cannot be read: ${said.detail}`);
  const verdict = said.value;
  checkVerdict(run, verdict, step);
  if (verdict.outcome !== 'accepted') return;
  const { largestPlaintext, ticket } = verdict;
  if (ticket !== undefined) runtime.ticket = ticket;
  channel.session = {
    ...{ runtime, keys, sealing: new HostSession(keys), largestPlaintext },
    ...{ sent: [], reply: undefined, heard: 0, over: false },
  };
}

function checkVerdict(run: CaseRun, verdict: Verdict, step: VerdictExpectation): void {
  const wanted = step.refusal ?? 'accepted';
  if (verdict.outcome !== wanted) {
    throw new Error(`the verdict is ${verdict.outcome} instead of ${wanted}`);
  }
  const fields = verdict as unknown as Readonly<Record<string, unknown>>;
  const range = step.waitMs && { from: step.waitMs[0], to: step.waitMs[1] };
  for (const [name, expected] of Object.entries({
    ...step.result,
    ...(range && { waitMs: range }),
  })) {
    check(`the verdict’s ${name}`, fields[name], expected, run.saved, 0);
  }
  for (const [name, as] of Object.entries(step.save ?? {})) run.saved.set(as, fields[name]);
}

function greetingOf(channel: ChannelEnd): NonNullable<ChannelEnd['greeting']> {
  if (channel.greeting === undefined) throw new Error(`no HELLO was said on ${channel.name}`);
  return channel.greeting;
}

function expectSame(before: Uint8Array | undefined, now: Uint8Array): void {
  if (before === undefined || !equalBytes(before, now))
    throw new Error('it is not the same answer');
}

/** Sends a whole message. */
export function sendMessage(
  run: CaseRun,
  channel: ChannelEnd,
  command: number,
  payload: Uint8Array,
): void {
  const { packetBytes } = channel.host;
  sendPackets(run, channel, cutIntoPackets(packetBytes, channel.id, command, payload));
}
