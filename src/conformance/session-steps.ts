import { equalBytes } from '../bytes.ts';
import { HostSession, type SealedRecord } from '../protocol/channel/index.ts';
import {
  type Command,
  commandTable,
  decodeResponse,
  encodeRequest,
} from '../protocol/commands/index.ts';
import { recordCommand } from '../protocol/packets/index.ts';
import type { SessionStep } from './case.ts';
import {
  type CaseRun,
  type ChannelEnd,
  channelOf,
  hearCommand,
  type SessionEnd,
} from './case-run.ts';
import { sendMessage } from './channel-steps.ts';
import type { ReplyExpectation, Request, Tampering } from './step-data.ts';
import { bytesOf, check, fieldValues, tampered } from './values.ts';
import { verifyEcdsaSignature, verifyRsaSignature } from './verify.ts';

/** Does a step of an open session. */
export async function doSessionStep(run: CaseRun, step: SessionStep): Promise<void> {
  if (step.do === 'verify') {
    await verifySaved(run, step);
    return;
  }
  if (step.do === 'verifyEcdsa') {
    await verifySavedEcdsa(run, step);
    return;
  }
  const channel = await channelOf(run, step.on);
  const session = sessionOf(channel);
  switch (step.do) {
    case 'request':
      request(run, channel, session, step, step);
      return;
    case 'reply':
      return hearReply(run, channel, session, step);
    case 'call':
      request(run, channel, session, step);
      return hearReply(run, channel, session, step);
    case 'echo': {
      const fields = { data: { bytes: 8 } };
      request(run, channel, session, { command: 'echo', fields });
      return hearReply(run, channel, session, { ...step, result: fields });
    }
    case 'again': {
      const earlier = session.sent.at(-1 - stepsBack(step));
      if (earlier === undefined) throw new Error('no such record was sent');
      sendRecord(run, channel, earlier.sealed, step);
      return;
    }
    case 'fork':
      sendRecord(
        run,
        channel,
        forkedRecord(session, plaintextOf(run, session, step).plaintext, step),
      );
      return;
  }
}

function sessionOf(channel: ChannelEnd): SessionEnd {
  if (channel.session === undefined) throw new Error(`${channel.name} has no session`);
  return channel.session;
}

function request(
  run: CaseRun,
  channel: ChannelEnd,
  session: SessionEnd,
  step: Request,
  tampering?: Tampering,
): void {
  const { command, plaintext } = plaintextOf(run, session, step);
  const { counter, record } = session.sealing.seal(plaintext);
  // Of its own, as later steps may send it again.
  const sealed = { counter, record: record.slice() };
  session.sent.push({ sealed, command });
  if (command?.name === 'end') session.over = true;
  sendRecord(run, channel, sealed, tampering);
}

function sendRecord(
  run: CaseRun,
  channel: ChannelEnd,
  { counter, record }: SealedRecord,
  tampering: Tampering = {},
): void {
  sendMessage(run, channel, recordCommand(counter), tampered(record, tampering));
}

function plaintextOf(
  run: CaseRun,
  { largestPlaintext }: SessionEnd,
  step: Request,
): { command: Command | undefined; plaintext: Uint8Array } {
  if ('plaintext' in step) {
    const plaintext = bytesOf(step.plaintext, run.saved, largestPlaintext);
    return { command: commandTable.find(({ code }) => code === plaintext[0]), plaintext };
  }
  const { command: name, fields = {} } = step;
  const command = commandTable.find((each) => each.name === name);
  if (command === undefined) throw new Error(`there is no command ${name}`);
  const values = fieldValues(fields, run.saved, largestPlaintext);
  return { command, plaintext: encodeRequest(command, values) };
}

/** How far back a step goes: within `repeat`, its round has taken the place of `#`. */
function stepsBack({ back = 0 }: { readonly back?: number | '#' }): number {
  if (back === '#') throw new Error('there is no round to go back by');
  return back;
}

/** What a copy of this host would seal under a counter that was used. */
function forkedRecord(
  session: SessionEnd,
  plaintext: Uint8Array,
  step: { readonly back?: number | '#' },
): SealedRecord {
  const copy = new HostSession(session.keys);
  const counter = session.sent.length - 1 - stepsBack(step);
  for (let before = 0; before < counter; before++) copy.seal(plaintext);
  return copy.seal(plaintext);
}

async function hearReply(
  run: CaseRun,
  channel: ChannelEnd,
  session: SessionEnd,
  step: ReplyExpectation & { readonly back?: number },
): Promise<void> {
  const { keys, sent, largestPlaintext } = session;
  // Record 0 is the verdict, so the reply to the host's record n is the device's n + 1.
  const counter = sent.length - (step.back ?? 0);
  const record = await hearCommand(run, channel, recordCommand(counter), step);
  checkKeepalives(channel, step.keepaliveMs);
  if (step.again && !(session.reply !== undefined && equalBytes(session.reply, record))) {
    throw new Error('it is not the same record again');
  }
  session.reply = record;
  session.heard = counter;
  const plaintext = keys.receive.open(counter, record);
  if (plaintext === undefined) throw new Error('the reply does not authenticate');
  if (step.replyBytes !== undefined) {
    check('the reply', plaintext, step.replyBytes, run.saved, largestPlaintext);
    return;
  }
  const command = sent[counter - 1]?.command;
  if (command === undefined) expectStatus(step.error, plaintext);
  else checkFields(run, command, largestPlaintext, plaintext, step);
}

/** What can be said of the reply to a command that does not exist. */
function expectStatus(error: string | undefined, plaintext: Uint8Array): void {
  const any = decodeResponse(commandTable[0] as Command, plaintext);
  const code = any.ok ? 'success' : any.code;
  if (code !== error) throw new Error(`the reply is ${code} instead of ${error}`);
}

function checkFields(
  run: CaseRun,
  command: Command,
  largestPlaintext: number,
  plaintext: Uint8Array,
  step: ReplyExpectation,
): void {
  const response = decodeResponse(command, plaintext);
  if (!response.ok || step.error !== undefined) {
    const code = response.ok ? 'a success' : response.code;
    const wanted = step.error ?? 'a success';
    if (code !== wanted)
      throw new Error(`the reply to ${command.name} is ${code} instead of ${wanted}`);
    return;
  }
  const result = response.value as Record<string, unknown>;
  for (const [name, expected] of Object.entries(step.result ?? {})) {
    check(`${command.name}’s ${name}`, result[name], expected, run.saved, largestPlaintext);
  }
  for (const [name, as] of Object.entries(step.save ?? {})) run.saved.set(as, result[name]);
}

/** Takes the KEEPALIVEs that came before a reply. */
function checkKeepalives(channel: ChannelEnd, gapMs: readonly [number, number] | undefined): void {
  const times = channel.host.inbox(channel.id).keepalivesMs.splice(0);
  if (gapMs === undefined) return;
  if (times.length === 0) throw new Error('no KEEPALIVE came before the reply');
  let beforeMs = channel.sentMs;
  for (const atMs of times) {
    const tookMs = atMs - beforeMs;
    if (tookMs < gapMs[0] || tookMs > gapMs[1]) {
      throw new Error(`a KEEPALIVE came ${tookMs.toFixed(1)} ms after the one before`);
    }
    beforeMs = atMs;
  }
}

async function verifySaved(run: CaseRun, step: SessionStep & { do: 'verify' }): Promise<void> {
  const saved = (name: string) => bytesOf({ saved: name }, run.saved, 0);
  const good = await verifyRsaSignature({
    modulus: saved(step.modulus),
    exponent: saved(step.exponent),
    scheme: step.scheme,
    hash: step.hash,
    message: bytesOf(step.message, run.saved, 0),
    signature: saved(step.signature),
  });
  if (!good) throw new Error(`the ${step.scheme} signature with ${step.hash} is wrong`);
}

async function verifySavedEcdsa(
  run: CaseRun,
  step: SessionStep & { do: 'verifyEcdsa' },
): Promise<void> {
  const saved = (name: string) => bytesOf({ saved: name }, run.saved, 0);
  const good = await verifyEcdsaSignature({
    publicKey: saved(step.publicKey),
    hash: step.hash,
    message: bytesOf(step.message, run.saved, 0),
    signature: saved(step.signature),
  });
  if (!good) throw new Error(`the ECDSA signature with ${step.hash} is wrong`);
}
