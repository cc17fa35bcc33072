import { suite } from '#crypto';
import { assembleBoard } from '../../../src/emulator/board/board.ts';
import { nativeRsaEngine, type RsaEngine } from '../../../src/emulator/board/rsa-engine.ts';
import { Dispatcher } from '../../../src/emulator/firmware/dispatcher.ts';
import { loadDurable } from '../../../src/emulator/firmware/durable.ts';
import { JobQueue } from '../../../src/emulator/firmware/job-queue.ts';
import { KeyTable } from '../../../src/emulator/firmware/keys/index.ts';
import { Ledger } from '../../../src/emulator/firmware/ledger.ts';
import { Licenses, Seats } from '../../../src/emulator/firmware/licenses/index.ts';
import {
  type Manufacture,
  readManufactureBlock,
} from '../../../src/emulator/firmware/manufacture-block.ts';
import { Logins } from '../../../src/emulator/firmware/memory/index.ts';
import { Power } from '../../../src/emulator/firmware/power.ts';
import { Registrar } from '../../../src/emulator/firmware/registrar.ts';
import type { Call, Session } from '../../../src/emulator/firmware/sessions.ts';
import { Store } from '../../../src/emulator/firmware/store/store.ts';
import { slotKeys, storeKeys } from '../../../src/emulator/firmware/store-keys.ts';
import { Streams } from '../../../src/emulator/firmware/streams.ts';
import { DongleTime, Nonces } from '../../../src/emulator/firmware/time/index.ts';
import { UpdateBuffer } from '../../../src/emulator/firmware/updates/index.ts';
import {
  type Flash,
  largeFlash,
  MemoryFlash,
  type ModelName,
  manufacture,
  seededRandom,
  VirtualClock,
} from '../../../src/emulator/index.ts';
import {
  applyUpdate,
  beginUpdate,
  type Command,
  type DecodedResponse,
  decodeResponse,
  encodeRequest,
  makeContext,
  makeReceipt,
  writeUpdate,
} from '../../../src/protocol/commands/index.ts';

/** Flash of a new dongle without partitions; the same for the same serial. */
export async function newFlash(
  serial = 'LK-UPDATES',
  model: ModelName = 'standard',
): Promise<MemoryFlash> {
  const flash = new MemoryFlash(largeFlash, { enduranceErases: Number.POSITIVE_INFINITY });
  await manufacture(flash, seededRandom(serial), serial, { model, partitions: [] });
  return flash;
}

/** The same flash once more, to be used apart from it. */
export function copyOf(flash: Flash): MemoryFlash {
  const image = flash.read(0, flash.pageBytes * flash.pageCount);
  return new MemoryFlash(flash, { image, enduranceErases: Number.POSITIVE_INFINITY });
}

/** A request that a chip was given. */
export interface GivenCall {
  readonly reply: Promise<Uint8Array>;
  /** The host does not wait for it any more. */
  withdraw(): void;
}

/** A chip that executes commands, without USB, channel and binding around it. */
export interface Chip {
  readonly flash: Flash;
  readonly manufacture: Manufacture;
  readonly ledger: Ledger;
  readonly power: Power;
  readonly dongleId: Uint8Array;
  readonly staticPublicKey: Uint8Array;
  readonly session: Session;
  /** Another session. */
  anotherSession(): Session;
  endSession(session: Session): void;
  give(plaintext: Uint8Array, session?: Session): GivenCall;
  call<Request, Response>(
    command: Command<string, Request, Response>,
    request: Request,
    session?: Session,
  ): Promise<DecodedResponse<Response>>;
}

export interface ChipParts {
  readonly clock?: VirtualClock;
  readonly rsa?: RsaEngine;
}

/** Boots a chip; what it draws at random is the same each time. */
export async function bootChip(
  flash: Flash,
  { clock = new VirtualClock(), rsa = nativeRsaEngine }: ChipParts = {},
): Promise<Chip> {
  const block = readManufactureBlock(flash);
  const store = Store.open(flash);
  const durable = store.ok ? loadDurable(store.value) : store;
  if (!block.ok || !store.ok || !durable.ok) throw new Error('this is no flash of a dongle');
  const board = assembleBoard({ flash, clock, random: seededRandom('chip'), rsa });
  const { value: made } = block;
  const power = new Power(clock);
  const ledger = new Ledger(store.value, power);
  const staticKey = await suite.importDhKey(made.staticKey);
  const dongleId = suite.sha256(staticKey.publicKey);
  const keys = new KeyTable(made, ledger);
  const time = new DongleTime(ledger);
  const nonces = new Nonces(board.random);
  const streams = new Streams();
  const updateBuffer = new UpdateBuffer(() => power.now());
  const seats = new Seats({ leaseMs: 10_000, now: () => power.now(), endSilent: () => {} });
  const registrar = new Registrar({
    rules: made.rules,
    durable: durable.value,
    ledger,
    random: board.random,
    sessions: { count: 1, executing: true, makeRoom: () => true, endAll: () => {} },
  });
  const licenses = new Licenses(ledger, time, registrar);
  const waiting = new Map<Call, (plaintext: Uint8Array) => void>();
  const jobs = new JobQueue<Call>(power, board.rsa.units, () => {});
  const dispatcher = new Dispatcher(
    {
      ...{ board, manufacture: made, ledger, keys, streams, registrar, dongleId, time },
      ...{ nonces, licenses, seats, staticKey, updateBuffer },
    },
    jobs,
    (call, plaintext) => {
      waiting.get(call)?.(plaintext);
      waiting.delete(call);
    },
  );
  let sessions = 0;
  const anotherSession = (): Session => ({
    channel: ++sessions as Session['channel'],
    largestPlaintext: 60_000,
    logins: new Logins(store.value),
    usedMs: 0,
    executing: true,
    endAfterReply: () => {},
  });
  const session = anotherSession();
  const chip: Chip = {
    ...{ flash, manufacture: made, ledger, power, dongleId, session, anotherSession },
    staticPublicKey: staticKey.publicKey,
    endSession(ended) {
      keys.removeAll(ended);
      streams.removeAll(ended);
      updateBuffer.forget(ended);
      seats.releaseAll(ended);
      nonces.forget(ended);
    },
    give(plaintext, from = session) {
      const call: Call = {
        session: from,
        plaintext,
        get pending() {
          return waiting.has(call);
        },
      };
      const reply = new Promise<Uint8Array>((resolve) => waiting.set(call, resolve));
      dispatcher.execute(call);
      return { reply, withdraw: () => dispatcher.cancel(call) };
    },
    async call(command, request, from) {
      return decodeResponse(command, await chip.give(encodeRequest(command, request), from).reply);
    },
  };
  return chip;
}

/** Sends an update file; the next request is to apply it. */
export async function send(chip: Chip, file: Uint8Array): Promise<string | undefined> {
  const begun = await chip.call(beginUpdate, { size: file.length });
  if (!begun.ok) return begun.code;
  const written = await chip.call(writeUpdate, { offset: 0, data: file });
  return written.ok ? undefined : written.code;
}

/** What applying a file has come to: how many updates were new, or why not. */
export type Applied =
  | { readonly applied: number; readonly receipt: Uint8Array }
  | { readonly refused: string };

export async function apply(chip: Chip, file: Uint8Array): Promise<Applied> {
  const refused = await send(chip, file);
  if (refused !== undefined) return { refused };
  const reply = await chip.call(applyUpdate, {});
  return reply.ok ? reply.value : { refused: reply.code };
}

/** A context file of a chip. */
export async function contextOf(chip: Chip): Promise<Uint8Array> {
  const reply = await chip.call(makeContext, {});
  if (!reply.ok) throw new Error(reply.code);
  return reply.value.file;
}

/** The receipt for a vendor, made again. */
export async function receiptOf(chip: Chip, vendor: number): Promise<Uint8Array> {
  const reply = await chip.call(makeReceipt, { vendor });
  if (!reply.ok) throw new Error(reply.code);
  return reply.value.file;
}

/** All that a chip has stored but the time, key by key. */
export function stored({ ledger: { store } }: Pick<Chip, 'ledger'>): Record<string, string> {
  const { poweredTime: _, ...single } = storeKeys;
  const found: Record<string, string> = {};
  for (const key of [...Object.values(single), ...Object.values(slotKeys).flat()]) {
    const value = key.kind === 'counter' ? store.count(key) || undefined : store.get(key);
    if (value !== undefined) {
      found[key.name] = typeof value === 'number' ? `${value}` : Buffer.from(value).toString('hex');
    }
  }
  return found;
}
