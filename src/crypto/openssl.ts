let loaded: typeof import('node:crypto') | undefined;

/**
 * OpenSSL, as Node has it. It is loaded at its first use: that takes 3 ms, a tenth of what importing
 * latchkey does.
 */
export function openssl(): typeof import('node:crypto') {
  loaded ??= process.getBuiltinModule('node:crypto');
  return loaded;
}
