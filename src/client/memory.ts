import { DongleError } from '../errors.ts';
import * as commands from '../protocol/commands/index.ts';
import { type Area, areas, type LoginRole } from '../protocol/partitions.ts';
import type { CallOptions } from './call-options.ts';
import type { Session } from './session.ts';

/** Deadline of one memory command, in milliseconds. */
const memoryDeadlineMs = 5_000;

/** Bytes that are read or written by one command; each begins at a multiple of it where it can. */
const pieceBytes = commands.maxWriteBytes;

/** Memory of the largest model, in bytes. */
const mostBytes = 65_536;

/** A part of the dongle's memory that is for one application. */
export interface PartitionInfo {
  /** Its name: 11 to 65,535. */
  readonly application: number;
  /** The vendor that has made it. */
  readonly vendor: number;
  /** Bytes of each area. */
  readonly sizes: Readonly<Record<Area, number>>;
  /** Wrong tries, 0 to 10, before the user's password locks. */
  readonly userTries: number;
  /** The same of the administrator's. */
  readonly administratorTries: number;
}

/** Whose password it is, in which partition. */
export interface PartitionPassword {
  readonly application: number;
  readonly role: LoginRole;
  /** 16 bytes. */
  readonly password: Uint8Array;
}

/** A place in the memory. */
export interface MemoryPlace {
  /** The partition. */
  readonly application: number;
  /** RAM1 is the user's; RAM2 the user may read; RAM3 is the administrator's. */
  readonly area: Area;
  /** Bytes from the beginning of the area. */
  readonly offset: number;
}

/**
 * The memory of a dongle. It is given out in partitions, each for an application and with two
 * passwords; its vendor's updates make and remove them. A login is this session's alone and goes with
 * it; the administrator may do all that the user may.
 */
export interface Memory {
  /**
   * Logs this session in to a partition. A wrong password ends the login that it has to it.
   *
   * The dongle counts the tries: the tenth wrong one in a row locks the password, and a try that the
   * power cuts short counts as wrong. The administrator unlocks the user, an update of the vendor the
   * administrator.
   *
   * @throws DongleError `PARTITION_NOT_FOUND`, `PASSWORD_WRONG`, `PASSWORD_LOCKED`;
   * `INVALID_ARGUMENT` for a password that has not 16 bytes
   * @example
   * await dongle.memory.login({ application: 100, role: 'user', password: userPassword });
   */
  login(request: PartitionPassword, options?: CallOptions): Promise<void>;
  /**
   * Ends this session's login to a partition; it does not matter whether there is one.
   *
   * @example
   * await dongle.memory.logout({ application: 100 });
   */
  logout(request: { readonly application: number }, options?: CallOptions): Promise<void>;
  /**
   * All partitions, and how many bytes no partition has. Needs no login.
   *
   * @example
   * const { partitions, freeBytes } = await dongle.memory.partitions();
   */
  partitions(
    options?: CallOptions,
  ): Promise<{ readonly partitions: readonly PartitionInfo[]; readonly freeBytes: number }>;
  /**
   * Reads bytes of an area, after a login. What was never written is zeros.
   *
   * Up to 4,096 bytes that do not cross a multiple of 4,096 are read at one moment. More are read by
   * several commands, each with the deadline: another session may write between them.
   *
   * @throws DongleError `LOGIN_REQUIRED` without a login that may read the area, `INVALID_ARGUMENT`
   * beyond its end
   * @example
   * const place = { application: 100, area: 'ram1', offset: 0 } as const;
   * const bytes = await dongle.memory.read({ ...place, count: 64 });
   */
  read(
    request: MemoryPlace & { readonly count: number },
    options?: CallOptions,
  ): Promise<Uint8Array>;
  /**
   * Writes bytes to an area, after a login. They are in flash when it returns.
   *
   * Up to 4,096 bytes that do not cross a multiple of 4,096 are written whole or not at all, whenever
   * the power goes. More are written by several commands, each with the deadline, from the front to
   * the back: what fails leaves those before it written.
   *
   * @throws DongleError `LOGIN_REQUIRED` without a login that may write the area, `INVALID_ARGUMENT`
   * beyond its end, `NO_SPACE` where the flash is full
   * @example
   * await dongle.memory.write({ application: 100, area: 'ram1', offset: 0, data });
   */
  write(request: MemoryPlace & { readonly data: Uint8Array }, options?: CallOptions): Promise<void>;
  /**
   * Sets a password anew, after a login as the administrator; it has all its tries then. Every other
   * session that has logged in by the old one has to do so again.
   *
   * @throws DongleError `LOGIN_REQUIRED`; `INVALID_ARGUMENT` for a password that has not 16 bytes
   * @example
   * await dongle.memory.login({ application: 100, role: 'administrator', password });
   * await dongle.memory.setPassword({ application: 100, role: 'user', password: newPassword });
   */
  setPassword(request: PartitionPassword, options?: CallOptions): Promise<void>;
  /**
   * Gives the user's password all its tries back, after a login as the administrator.
   *
   * @throws DongleError `LOGIN_REQUIRED`
   * @example
   * await dongle.memory.login({ application: 100, role: 'administrator', password });
   * await dongle.memory.unlockUser({ application: 100 });
   */
  unlockUser(request: { readonly application: number }, options?: CallOptions): Promise<void>;
}

/** The memory commands over a session. */
export function memoryOf(session: Session): Memory {
  return {
    async login(request, options) {
      await session.call(commands.login, request, memoryDeadlineMs, options);
    },
    async logout(request, options) {
      await session.call(commands.logout, request, memoryDeadlineMs, options);
    },
    async partitions(options) {
      const { partitions, freeBytes } = await session.call(
        commands.listPartitions,
        {},
        memoryDeadlineMs,
        options,
      );
      return { partitions: partitions.map(withNamedSizes), freeBytes };
    },
    async read({ count, ...place }, options) {
      checkReach(place.offset, count);
      const read = new Uint8Array(count);
      for (const [from, to] of pieces(place.offset, count)) {
        const request = { ...place, offset: place.offset + from, count: to - from };
        const response = await session.call(
          commands.readMemory,
          request,
          memoryDeadlineMs,
          options,
        );
        if (response.data.length !== to - from) throw new DongleError('PROTOCOL');
        read.set(response.data, from);
      }
      return read;
    },
    async write({ data, ...place }, options) {
      checkReach(place.offset, data.length);
      // A copy, as it may be written to before the last piece has gone.
      const bytes = data.slice();
      for (const [from, to] of pieces(place.offset, bytes.length)) {
        const request = {
          ...place,
          offset: place.offset + from,
          data: bytes.subarray(from, to),
        };
        await session.call(commands.writeMemory, request, memoryDeadlineMs, options);
      }
    },
    async setPassword(request, options) {
      await session.call(commands.setPassword, request, memoryDeadlineMs, options);
    },
    async unlockUser(request, options) {
      await session.call(commands.unlockUser, request, memoryDeadlineMs, options);
    },
  };
}

function withNamedSizes({
  sizes,
  ...partition
}: Omit<PartitionInfo, 'sizes'> & { readonly sizes: readonly number[] }): PartitionInfo {
  const named = areas.map((area, i) => [area, sizes[i] ?? 0]);
  return { ...partition, sizes: Object.fromEntries(named) as Record<Area, number> };
}

function checkReach(offset: number, count: number): void {
  const isCount = (value: number) => Number.isInteger(value) && value >= 0;
  if (isCount(offset) && isCount(count) && offset + count <= mostBytes) return;
  throw new DongleError(
    'INVALID_ARGUMENT',
    `No area has so many bytes: an offset and a length are whole numbers, together up to ${mostBytes}.`,
  );
}

/** Which bytes each command is for; one command where there are none, as it checks the login. */
function* pieces(offset: number, count: number): Generator<[from: number, to: number]> {
  for (let from = 0; from === 0 || from < count; ) {
    const to = Math.min(count, from + pieceBytes - ((offset + from) % pieceBytes));
    yield [from, to];
    if (to === from) return;
    from = to;
  }
}
