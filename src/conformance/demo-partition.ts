import { toHex, utf8 } from '../bytes.ts';

/**
 * The partition that a device under test must have: it has RAM1, of 1,024 bytes or more, and these
 * passwords, with all their tries.
 */
export const demoPartition = {
  application: 100,
  user: { hex: toHex(utf8('TEST user passwd')) },
  administrator: { hex: toHex(utf8('TEST admin passw')) },
} as const;
