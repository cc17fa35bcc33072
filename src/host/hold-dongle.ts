import { suite } from '#crypto';
import { concatBytes, fromHex, noBytes, toHex, utf8 } from '../bytes.ts';
import { type Hold, type Invitation, soleHold, type Visitor } from '../client/runtime.ts';
import type { DhKey } from '../crypto/suite.ts';
import { DongleError } from '../errors.ts';
import { ticketBytes } from '../protocol/channel/index.ts';
import { createHandshake, type Handshake, type Role } from '../protocol/noise/index.ts';
import {
  callLocally,
  greeter,
  type LocalLine,
  listenLocally,
  localName,
  ownGreeting,
} from './local-line.ts';

/**
 * How long a program may take to say who it is or what it wants, in milliseconds. One that stands
 * still for longer has let its sign of life to the dongle go by as well.
 */
const greetingMs = 3000;
/** As long as the dongle remembers an invitation, in milliseconds. */
const invitationMs = 10_000;
/** Programs that can have a dongle at the same time: it has no more sessions. */
const mostPrograms = 8;
/** How often whoever has the turn may vanish when it is called. */
const mostVanished = 64;

/** Two programs of one runtime prove to each other, by its key, that they are. */
const pattern = 'KK';
const label = utf8('latchkey programs of one runtime');
/** What a program says that gives no invitation to this one. */
const refusedText = 'refused';

/** A dongle, and the runtime that comes to it. */
interface Meeting {
  readonly dongle: string;
  readonly key: DhKey;
  /** The names of which each program that has the dongle has one. */
  readonly places: readonly string[];
}

/**
 * Makes the programs of this machine use a dongle together. They come to it one after the other:
 * whoever has the turn asks those that have the dongle for an invitation, which they give to programs
 * of their own runtime. Both, the turn and having the dongle, are names that the system frees when
 * their owner dies in whatever way. A program that does not answer is ignored, as the dongle decides.
 *
 * @throws DongleError `IN_USE`, which names the program that has it; or the reason of the signal
 */
export async function holdDongle(dongle: string, key: DhKey, visitor: Visitor): Promise<Hold> {
  const turn = nameOf(dongle, 'turn');
  if (turn === undefined) return soleHold;
  const meeting = { dongle, key, places: placesOf(dongle) };
  const endTurn = await takeTurn(turn, visitor.signal);
  void visitor.decided.then(endTurn);
  const invitation = await askAll(meeting, visitor);
  return { invitation, release: await stay(meeting, visitor) };
}

function nameOf(dongle: string, role: string): string | undefined {
  const id = toHex(suite.sha256(utf8(`latchkey ${role} ${dongle}`)).subarray(0, 16));
  return localName(id);
}

function placesOf(dongle: string): string[] {
  const names = Array.from({ length: mostPrograms }, (_, i) => nameOf(dongle, `program ${i}`));
  return names.filter((name) => name !== undefined);
}

/** Waits until nobody else is coming to the dongle. Returns how to let the next one come. */
async function takeTurn(name: string, signal: AbortSignal): Promise<() => void> {
  for (let vanished = 0; vanished < mostVanished; ) {
    signal.throwIfAborted();
    const turn = await listenLocally(name, (line) => line.say(ownGreeting()));
    if (turn === undefined) break;
    if (turn !== 'taken') return () => turn.hangUp();
    const line = await callLocally(name);
    const greeting = await line?.hear(greetingMs);
    if (line === undefined || (greeting === undefined && line.ended)) {
      vanished++;
      continue;
    }
    // Whoever has the name stands still, or is none of us.
    if (greeter(greeting) === undefined) {
      line.hangUp();
      break;
    }
    await unlessAborted(signal, line, line.over);
  }
  return () => {};
}

/** Asks the programs that have the dongle for an invitation, until one gives it. */
async function askAll(meeting: Meeting, visitor: Visitor): Promise<Invitation | undefined> {
  const called = await Promise.all(meeting.places.map(callLocally));
  const lines = called.filter((line) => line !== undefined);
  try {
    // All at once, so that those that stand still cost the time of one.
    const greetings = await Promise.all(lines.map((line) => line.hear(greetingMs)));
    for (const [i, line] of lines.entries()) {
      const who = greeter(greetings[i]);
      if (who === undefined) continue;
      const invitation = await unlessAborted(visitor.signal, line, ask(meeting, line, who));
      if (invitation !== undefined) return invitation;
    }
    return undefined;
  } finally {
    // Whoever gave the invitation waits for us as long as we are on the line.
    void visitor.decided.then(() => {
      for (const line of lines) line.hangUp();
    });
  }
}

/** Asks a program for an invitation. One without a session has none, and may be ending. */
async function ask(
  meeting: Meeting,
  line: LocalLine,
  who: string,
): Promise<Invitation | undefined> {
  const noise = handshake(meeting, 'initiator');
  const asking = await noise.writeMessage();
  if (!asking.ok) return undefined;
  line.say(toHex(asking.value));
  const answer = await line.hear();
  if (answer === undefined) return undefined;
  const said = await readLine(noise, answer);
  if (said === undefined) {
    throw new DongleError(
      'IN_USE',
      `Dongle ${meeting.dongle} is in use by another program of this machine (${who}), under another runtime; end it, or let both have one state folder.`,
    );
  }
  if (said.length !== 2 * ticketBytes) return undefined;
  return { instance: said.subarray(0, ticketBytes), invitation: said.subarray(ticketBytes) };
}

/** Lets other programs know that this one has the dongle. Returns how to end that. */
async function stay(meeting: Meeting, visitor: Visitor): Promise<() => void> {
  for (const name of meeting.places) {
    const listener = await listenLocally(name, (line) => void answer(meeting, visitor, line));
    if (listener !== 'taken') return () => listener?.hangUp();
  }
  return () => {};
}

async function answer(meeting: Meeting, visitor: Visitor, line: LocalLine): Promise<void> {
  line.say(ownGreeting());
  const asked = await line.hear(greetingMs);
  const noise = handshake(meeting, 'responder');
  if (asked === undefined || (await readLine(noise, asked)) === undefined) {
    line.say(refusedText);
    return;
  }
  const hungUp = new AbortController();
  void line.over.then(() => hungUp.abort());
  try {
    const invitation = await visitor.invite(hungUp.signal, line.over);
    const said = invitation && concatBytes(invitation.instance, invitation.invitation);
    const message = await noise.writeMessage(said ?? noBytes);
    line.say(message.ok ? toHex(message.value) : refusedText);
    line.hangUpAfter(invitationMs);
  } catch {
    line.say(refusedText);
  }
}

/** Waits for something on the line, which is hung up when the signal aborts; throws its reason then. */
async function unlessAborted<Result>(
  signal: AbortSignal,
  line: LocalLine,
  waiting: Promise<Result>,
): Promise<Result> {
  const hangUp = () => line.hangUp();
  signal.addEventListener('abort', hangUp);
  try {
    const result = await waiting;
    signal.throwIfAborted();
    return result;
  } finally {
    signal.removeEventListener('abort', hangUp);
  }
}

function handshake({ dongle, key }: Meeting, role: Role): Handshake {
  const prologue = concatBytes(label, utf8(dongle));
  const remoteStaticKey = key.publicKey;
  return createHandshake({ pattern, role, prologue, staticKey: key, remoteStaticKey });
}

/** What is sealed in a line; undefined where it is not from this runtime. */
async function readLine(noise: Handshake, line: string): Promise<Uint8Array | undefined> {
  if (!/^([0-9a-f]{2})+$/.test(line)) return undefined;
  const read = await noise.readMessage(fromHex(line));
  return read.ok ? read.value : undefined;
}
