import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';

/** Bare AES-256-GCM of node:crypto, sealed and opened `count` times: no copies, no checks. */
export function floorRecords(plaintextBytes: number): (count: number) => number {
  const key = createSecretKey(randomBytes(32));
  const nonce = new Uint8Array(12);
  const nonceView = new DataView(nonce.buffer);
  const plaintext = new Uint8Array(plaintextBytes).fill(0x5a);
  let counter = 0;
  return (count) => {
    let opened = 0;
    for (let i = 0; i < count; i++) {
      nonceView.setUint32(8, counter++);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const ciphertext = cipher.update(plaintext);
      cipher.final();
      const decipher = createDecipheriv('aes-256-gcm', key, nonce);
      decipher.setAuthTag(cipher.getAuthTag());
      opened += decipher.update(ciphertext).length;
      decipher.final();
    }
    return opened;
  };
}
