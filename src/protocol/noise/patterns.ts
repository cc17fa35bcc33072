import { utf8 } from '../../bytes.ts';

export type Role = 'initiator' | 'responder';

/**
 * What a message carries or mixes in (Noise §7.1). The first letter of a Diffie-Hellman token is
 * the initiator's key, the second the responder's.
 */
export type Token = 'e' | 's' | 'ee' | 'es' | 'se' | 'ss' | 'psk';

/** The tokens of a handshake: the initiator writes the even messages, the responder the odd ones. */
export interface HandshakePattern {
  /** Whose static key the other party knows beforehand, in the order of the pre-messages. */
  readonly known: readonly Role[];
  readonly messages: readonly (readonly Token[])[];
}

/** The fundamental patterns: one-way (Noise §7.4) and interactive (§7.5). */
export const fundamentalPatterns = {
  N: { known: ['responder'], messages: [['e', 'es']] },
  K: { known: ['initiator', 'responder'], messages: [['e', 'es', 'ss']] },
  X: { known: ['responder'], messages: [['e', 'es', 's', 'ss']] },

  NN: { known: [], messages: [['e'], ['e', 'ee']] },
  NK: {
    known: ['responder'],
    messages: [
      ['e', 'es'],
      ['e', 'ee'],
    ],
  },
  NX: { known: [], messages: [['e'], ['e', 'ee', 's', 'es']] },
  KN: { known: ['initiator'], messages: [['e'], ['e', 'ee', 'se']] },
  KK: {
    known: ['initiator', 'responder'],
    messages: [
      ['e', 'es', 'ss'],
      ['e', 'ee', 'se'],
    ],
  },
  KX: { known: ['initiator'], messages: [['e'], ['e', 'ee', 'se', 's', 'es']] },
  XN: { known: [], messages: [['e'], ['e', 'ee'], ['s', 'se']] },
  XK: {
    known: ['responder'],
    messages: [
      ['e', 'es'],
      ['e', 'ee'],
      ['s', 'se'],
    ],
  },
  XX: { known: [], messages: [['e'], ['e', 'ee', 's', 'es'], ['s', 'se']] },
  IN: {
    known: [],
    messages: [
      ['e', 's'],
      ['e', 'ee', 'se'],
    ],
  },
  IK: {
    known: ['responder'],
    messages: [
      ['e', 'es', 's', 'ss'],
      ['e', 'ee', 'se'],
    ],
  },
  IX: {
    known: [],
    messages: [
      ['e', 's'],
      ['e', 'ee', 'se', 's', 'es'],
    ],
  },
} as const satisfies Record<string, HandshakePattern>;

/** Who writes a message of a handshake. */
export function writerOf(messageIndex: number): Role {
  return messageIndex % 2 === 0 ? 'initiator' : 'responder';
}

/** A pattern with its name and what follows from its tokens. */
export interface NamedPattern extends HandshakePattern {
  readonly name: string;
  /** The protocol's whole name (Noise §8) with our functions, in bytes. */
  readonly protocolName: Uint8Array;
  /** Who needs a static key. */
  readonly usesStatic: Readonly<Record<Role, boolean>>;
  readonly pskCount: number;
  /** How much longer each message is than its payload, in bytes. */
  readonly overheadBytes: readonly number[];
}

/** The patterns parsed so far. There are few valid names, and only those are kept. */
const parsed = new Map<string, NamedPattern>();

/**
 * The pattern of a name such as `XX`, `Npsk0` or `NNpsk0+psk2`: `psk0` puts the token at the start
 * of the first message, `pskN` at the end of the Nth (Noise §9.4). Undefined for a name that is
 * not a fundamental pattern's, or whose modifiers are unknown, repeated, out of order or beyond
 * the last message.
 */
export function parsePattern(name: string): NamedPattern | undefined {
  const known = parsed.get(name);
  if (known !== undefined) return known;
  const pattern = applyModifiers(name);
  if (pattern === undefined || !isValidPattern(pattern)) return undefined;
  const usesStatic = (role: Role) =>
    pattern.known.includes(role) ||
    pattern.messages.some((tokens, i) => writerOf(i) === role && tokens.includes('s'));
  const pskCount = pattern.messages.flat().filter((token) => token === 'psk').length;
  const named: NamedPattern = {
    ...pattern,
    name,
    protocolName: utf8(`Noise_${name}_25519_AESGCM_SHA256`),
    usesStatic: { initiator: usesStatic('initiator'), responder: usesStatic('responder') },
    pskCount,
    overheadBytes: overheadOf(pattern, pskCount > 0),
  };
  parsed.set(name, named);
  return named;
}

function applyModifiers(name: string): HandshakePattern | undefined {
  const [, base = '', modifiers = ''] = /^([A-Z]+)((?:psk\d(?:\+psk\d)*)?)$/.exec(name) ?? [];
  if (!Object.hasOwn(fundamentalPatterns, base)) return undefined;
  const { known, messages } = fundamentalPatterns[base as keyof typeof fundamentalPatterns];
  const withPsks: Token[][] = messages.map((tokens) => [...tokens]);
  let last = -1;
  for (const [digit] of modifiers.matchAll(/\d/g)) {
    const place = Number(digit);
    // Modifiers whose order means nothing are sorted (§8).
    if (place <= last || place > messages.length) return undefined;
    if (place === 0) withPsks[0]?.unshift('psk');
    else withPsks[place - 1]?.push('psk');
    last = place;
  }
  return { known, messages: withPsks };
}

/** Public keys of 32 bytes, and a tag of 16 on whatever follows the first key that is mixed in. */
function overheadOf({ messages }: HandshakePattern, ephemeralsAreMixed: boolean): number[] {
  let tag = 0;
  return messages.map((tokens) => {
    let bytes = 0;
    for (const token of tokens) {
      if (token === 'e') bytes += 32;
      else if (token === 's') bytes += 32 + tag;
      if (token !== 's' && (token !== 'e' || ephemeralsAreMixed)) tag = 16;
    }
    return bytes + tag;
  });
}

/**
 * Whether nobody sends a key or computes a Diffie-Hellman twice (Noise §7.3), and nobody encrypts
 * after a `psk` token without having sent an ephemeral key (§9.3): a pre-shared key alone would
 * give two handshakes the same keys and nonces.
 */
export function isValidPattern(pattern: HandshakePattern): boolean {
  const seen = new Set<string>();
  let pskMixed = false;
  for (const [index, tokens] of pattern.messages.entries()) {
    const writer = writerOf(index);
    const encryptsUnsafely = () => pskMixed && !seen.has(`${writer} e`);
    for (const token of tokens) {
      if (token === 'psk') {
        pskMixed = true;
        continue;
      }
      if (token === 's' && encryptsUnsafely()) return false;
      const once = token === 'e' || token === 's' ? `${writer} ${token}` : token;
      if (seen.has(once)) return false;
      seen.add(once);
    }
    // Every message ends in its payload.
    if (encryptsUnsafely()) return false;
  }
  return true;
}
