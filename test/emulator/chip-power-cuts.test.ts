import { expect, test } from 'vitest';
import { suite } from '#crypto';
import { utf8 } from '../../src/bytes.ts';
import { readManufactureBlock } from '../../src/emulator/firmware/manufacture-block.ts';
import { demoPasswords } from '../../src/emulator/first-partitions.ts';
import {
  EmulatedDongle,
  LoopbackPort,
  largeFlash,
  MemoryFlash,
  manufacture,
  seededRandom,
  TornFlash,
  VirtualClock,
} from '../../src/emulator/index.ts';
import { testRootKey } from '../../src/emulator/manufacture.ts';
import { connect, createRuntime, type Dongle } from '../../src/index.ts';
import { issueIssuerCertificate } from '../../src/protocol/certificates/index.ts';
import { openSign1 } from '../../src/protocol/cose.ts';
import {
  fileKinds,
  noUpdate,
  sealUpdates,
  signUpdate,
  updateIdOf,
} from '../../src/protocol/updates/index.ts';
import { seededTearPatterns } from '../powercut/tear-patterns.ts';
import { testTrust } from '../support/rig.ts';
import { seed } from '../support/seed.ts';
import { simulatedRsa } from '../support/simulated-rsa.ts';

// Through the whole device: a power cut at every single operation of the flash while something is
// done that may not be lost, be half there, or be undone.

const application = 100;
const product = 5;
const license = { vendor: 1, product };
const administrator = {
  application,
  role: 'administrator',
  password: demoPasswords.administrator,
} as const;
const trust = await testTrust();

/** Something that is done, and what can be seen of it afterwards. */
interface Act {
  readonly name: string;
  prepare?(dongle: Dongle): Promise<void>;
  run(dongle: Dongle): Promise<unknown>;
  /** Says what is there: the same before the act as without it. */
  look(dongle: Dongle): Promise<string>;
}

async function keysOf(dongle: Dongle): Promise<string> {
  const keys = await dongle.keys.list();
  return JSON.stringify(keys.map(({ key, type, application: owner }) => [key, type, owner]));
}

async function licensesOf(dongle: Dongle): Promise<string> {
  const listed = await dongle.licenses.list();
  const { partitions } = await dongle.memory.partitions();
  return JSON.stringify([
    listed.map((each) => [each.product, each.text, each.unitsLeft]),
    partitions.map((each) => [each.application, each.sizes]),
  ]);
}

const update = await makeUpdate();

const acts: readonly Act[] = [
  {
    name: 'a unit is taken',
    run: (dongle) => dongle.licenses.takeUnits({ ...license, request: new Uint8Array(16).fill(7) }),
    look: licensesOf,
  },
  {
    name: 'a wrong password is tried',
    run: (dongle) =>
      dongle.memory
        .login({ ...administrator, password: new Uint8Array(16) })
        .catch((error: { code: string }) => {
          if (error.code !== 'PASSWORD_WRONG') throw error;
        }),
    async look(dongle) {
      const { partitions } = await dongle.memory.partitions();
      return `${partitions[0]?.administratorTries}`;
    },
  },
  {
    name: 'an AES key is generated',
    prepare: (dongle) => dongle.memory.login(administrator),
    run: (dongle) => dongle.keys.create({ application, type: 'aes256' }),
    look: keysOf,
  },
  {
    name: 'an RSA key is generated',
    prepare: (dongle) => dongle.memory.login(administrator),
    run: (dongle) => dongle.keys.create({ application, type: 'rsa4096' }),
    look: keysOf,
  },
  {
    name: 'an update is applied',
    run: (dongle) => dongle.update.apply(update),
    look: licensesOf,
  },
];

const patterns = seededTearPatterns(seed);

/** A dongle plugged in, with nothing but its flash from before. */
class Bench {
  readonly clock = new VirtualClock();
  readonly flash: TornFlash;
  readonly port: LoopbackPort;

  constructor(cells: MemoryFlash) {
    this.flash = new TornFlash(cells);
    const { clock, flash } = this;
    const random = seededRandom(seed);
    this.port = new LoopbackPort(
      new EmulatedDongle({ clock, flash, random, rsa: simulatedRsa(clock) }),
    );
  }

  async plug(): Promise<Dongle> {
    const { clock, port, flash } = this;
    port.unplug();
    flash.powerOn();
    await clock.run(port.plug());
    const runtime = await createRuntime();
    return clock.run(connect(port.source('vendor'), { trust, clock, runtime }));
  }
}

test.each(acts)(
  `whenever the power goes, nothing is lost or half: $name, SEED=${seed}`,
  async (act) => {
    const image = await newImage();
    const cellsAgain = () => new MemoryFlash(largeFlash, { image });
    const tally = { cuts: 0, lost: 0, half: 0, regained: 0 };

    // What is there before and after, without a cut.
    const whole = new Bench(cellsAgain());
    const dongle = await whole.plug();
    const before = await whole.clock.run(act.look(dongle));
    if (act.prepare) await whole.clock.run(act.prepare(dongle));
    await whole.clock.run(act.run(dongle));
    const after = await whole.clock.run(act.look(dongle));
    expect(after).not.toBe(before);

    for (const [pattern, tear] of patterns) {
      for (let operation = 1; ; operation++) {
        const bench = new Bench(cellsAgain());
        const torn = await bench.plug();
        if (act.prepare) await bench.clock.run(act.prepare(torn));
        bench.flash.cutAt(operation, tear);
        const acknowledged = await bench.clock.run(act.run(torn)).then(
          () => true,
          () => false,
        );
        const isCut = !bench.flash.powered;
        const again = await bench.plug();
        const state = await bench.clock.run(act.look(again));
        const where = `${pattern} is torn in operation ${operation}`;
        if (acknowledged && state !== after) tally.lost++;
        if (state !== before && state !== after) tally.half++;
        // Done once more, it is there; and what was taken before stays taken.
        if (act.prepare) await bench.clock.run(act.prepare(again));
        await bench.clock.run(act.run(again));
        const last = await bench.clock.run(act.look(again));
        if (last === before) tally.regained++;
        expect({ ...tally, cuts: 0 }, where).toEqual({ cuts: 0, lost: 0, half: 0, regained: 0 });
        bench.port.unplug();
        if (!isCut) {
          expect(acknowledged, where).toBe(true);
          break;
        }
        tally.cuts++;
      }
    }
    expect(tally.cuts).toBeGreaterThan(10);
    console.log(`${act.name}: ${JSON.stringify(tally)}`);
  },
);

async function newImage(): Promise<Uint8Array> {
  const cells = new MemoryFlash(largeFlash);
  await manufacture(cells, seededRandom(1), 'LK-CUT', { licenses: [{ product, units: 9 }] });
  return cells.read(0, cells.pageBytes * cells.pageCount);
}

/** Two updates in one file, about licenses, memory and keys, for the dongle of `newImage`. */
async function makeUpdate(): Promise<Uint8Array> {
  const key = await suite.importSigningKey(suite.sha256(utf8('an update key')));
  const issuer = await issueIssuerCertificate(await testRootKey(), {
    ...{ purpose: 'update', vendors: [1], test: true },
    ...{ publicKey: key.publicKey, name: 'Vendor 1' },
  });
  const made = readManufactureBlock(new MemoryFlash(largeFlash, { image: await newImage() }));
  if (!made.ok) throw new Error(made.detail);
  const { publicKey: staticKey } = await suite.importDhKey(made.value.staticKey);
  const id = suite.sha256(staticKey);
  const said = { version: 1, vendor: 1, dongle: id, issuedAt: 1_767_225_600 } as const;
  const first = {
    ...said,
    number: 1,
    previous: noUpdate,
    operations: [
      { putLicense: { product: 6, text: 'six', units: 3, secret: new Uint8Array(32).fill(6) } },
      { addUnits: { product, units: 10 } },
      {
        putPartition: {
          application: 200,
          sizes: [8192, 512, 512],
          userPassword: new Uint8Array(16).fill(1),
          administratorPassword: new Uint8Array(16).fill(2),
        },
      },
      { writeMemory: { application: 200, area: 'ram1', offset: 0, data: noise(4096) } },
    ],
  } as const;
  const signed = await signUpdate(key, first);
  const second = {
    ...said,
    number: 2,
    previous: idOf(signed),
    operations: [
      { writeMemory: { application: 200, area: 'ram1', offset: 4096, data: noise(4096) } },
      { setSeats: { application: 200, seats: 4 } },
    ],
  } as const;
  return sealUpdates({
    header: {
      ...{ kind: fileKinds.update, vendor: 1, dongle: id },
      ...{ answers: 'push', recipient: staticKey },
    },
    issuer,
    updates: [signed, await signUpdate(key, second)],
  });
}

function idOf(signed: Uint8Array): Uint8Array {
  const sign1 = openSign1(signed);
  if (!sign1.ok) throw new Error(sign1.detail);
  return updateIdOf(sign1.value.payload);
}

function noise(count: number): Uint8Array {
  return seededRandom(count)(count);
}
