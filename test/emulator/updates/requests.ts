import { fromBase64Url } from '../../../src/bytes.ts';
import { nativeRsaEngine, type RsaEngine } from '../../../src/emulator/board/rsa-engine.ts';
import { type Command, commandTable, encodeRequest } from '../../../src/protocol/commands/index.ts';
import type { Shape } from '../../../src/protocol/schema/index.ts';
import pool from '../../fixtures/rsa-keys.json' with { type: 'json' };
import type { Random } from '../../support/seed.ts';

/** Numbers that commands often mean something by: keys, applications, products, sizes. */
const telling = [0, 1, 2, 5, 7, 8, 16, 100, 200, 0x100, 0x101, 512, 4096, 0x8000, 0x8001];

/** A value of a shape. Long things are rare, so that most of the time goes into the firmware. */
function anyOf(shape: Shape, random: Random): unknown {
  const within = (min: number, max: number) => {
    const most = random.below(40) === 0 ? 3000 : 40;
    return min + random.below(Math.min(max - min, most) + 1);
  };
  switch (shape.kind) {
    case 'integer': {
      const fitting = telling.filter((value) => value >= shape.min && value <= shape.max);
      if (fitting.length > 0 && random.below(3) > 0) return random.pick(fitting);
      return random.pick([
        shape.min,
        shape.max,
        shape.min + Math.floor(random.float() * (shape.max - shape.min + 1)),
      ]);
    }
    case 'bytes':
      return random.bytes(random.below(4) === 0 ? shape.min : within(shape.min, shape.max));
    case 'text':
      return 'x'.repeat(within(shape.minBytes, shape.maxBytes));
    case 'bool':
      return random.below(2) === 0;
    case 'enumeration':
      return random.pick([...shape.numbers.keys()]);
    case 'array': {
      const count = Math.min(shape.max, shape.min + random.below(4));
      return Array.from({ length: count }, () => anyOf(shape.item, random));
    }
    case 'tuple':
      return shape.items.map((item) => anyOf(item, random));
    case 'struct':
      return Object.fromEntries(
        shape.fields
          .filter(({ required }) => required || random.below(2) === 0)
          .map((member) => [member.name, anyOf(member.shape, random)]),
      );
  }
}

/** A request of any command: well-formed, or spoiled. */
export function anyRequest(random: Random): {
  command: Command | undefined;
  plaintext: Uint8Array;
} {
  const command = random.pick(commandTable as readonly Command[]);
  const plaintext = encodeRequest(command, anyOf(command.request, random));
  switch (random.below(8)) {
    case 0: {
      const at = random.below(plaintext.length);
      plaintext[at] = random.below(256);
      return { command: at === 0 ? undefined : command, plaintext };
    }
    case 1:
      return {
        command: undefined,
        plaintext: plaintext.subarray(0, random.below(plaintext.length)),
      };
    case 2:
      return { command: undefined, plaintext: random.bytes(random.below(60)) };
    default:
      return { command, plaintext };
  }
}

/** The RSA of the machine, but for keys, which come one after the other from the fixtures. */
export function quickRsa(): RsaEngine {
  let taken = 0;
  return {
    ...nativeRsaEngine,
    async generate(bits) {
      const keys = pool.keys.filter((key) => key.bits === bits);
      const { p, q, e } = keys[taken++ % keys.length] as (typeof keys)[number];
      const [one, two] = [fromBase64Url(p), fromBase64Url(q)];
      const isLarger = Buffer.compare(one, two) > 0;
      return {
        type: `rsa${bits}`,
        p: isLarger ? one : two,
        q: isLarger ? two : one,
        exponent: fromBase64Url(e),
      };
    },
  };
}
