import { describe, expect, test } from 'vitest';
import {
  fundamentalPatterns,
  type HandshakePattern,
  isValidPattern,
  parsePattern,
} from '../../../src/protocol/noise/patterns.ts';

describe('pattern names', () => {
  test('all 15 fundamental patterns are known and valid', () => {
    const names = Object.keys(fundamentalPatterns);
    expect(names).toHaveLength(15);
    for (const name of names) expect(parsePattern(name)?.name).toBe(name);
  });

  test('psk modifiers put their token at the start or at the end of a message', () => {
    expect(parsePattern('NNpsk0+psk2')?.messages).toEqual([
      ['psk', 'e'],
      ['e', 'ee', 'psk'],
    ]);
    expect(parsePattern('XXpsk1+psk3')?.messages).toEqual([
      ['e', 'psk'],
      ['e', 'ee', 's', 'es'],
      ['s', 'se', 'psk'],
    ]);
    expect(parsePattern('XX')?.messages).toEqual(fundamentalPatterns.XX.messages);
  });

  test.each([
    ['a modifier twice', 'NNpsk0+psk0'],
    ['modifiers out of order', 'NNpsk2+psk0'],
    ['a modifier beyond the last message', 'NNpsk3'],
    ['a modifier beyond the one message of a one-way pattern', 'Npsk2'],
    ['another modifier', 'XXfallback'],
    ['a modifier without its number', 'XXpsk'],
    ['a dangling plus', 'XXpsk0+'],
    ['an unknown pattern', 'ZZ'],
    ['a lower-case pattern', 'xx'],
    ['a property of every object', 'constructor'],
    ['nothing', ''],
  ])('%s is refused', (_, name) => {
    expect(parsePattern(name)).toBeUndefined();
  });

  test.each([
    ['XX', [32, 96, 64]],
    ['XXpsk3', [48, 96, 64]],
    ['IK', [96, 48]],
    ['NNpsk0', [48, 48]],
    ['X', [96]],
  ])('the messages of %s are longer than their payloads by %o bytes', (name, overhead) => {
    expect(parsePattern(name)?.overheadBytes).toEqual(overhead);
  });
});

describe('pattern validity', () => {
  const tables: [string, HandshakePattern['messages'], boolean][] = [
    ['psk before e, both before the payload', [['psk', 'e']], true],
    ['a payload after a psk without e (§9.3)', [['psk']], false],
    ['a payload after their psk, without e of ours (§9.3)', [['e', 'psk'], []], false],
    ['s after a psk, before e (§9.3)', [['psk', 's', 'e']], false],
    ['e twice from one party (§7.3)', [['e'], ['e', 'ee'], ['e']], false],
    ['s twice from one party (§7.3)', [['e', 's', 's']], false],
    ['one Diffie-Hellman twice (§7.3)', [['e'], ['e', 'ee', 'ee']], false],
  ];
  test.each(tables)('%s', (_, messages, valid) => {
    expect(isValidPattern({ known: [], messages })).toBe(valid);
  });
});
