// The program of key-generation.test.ts: makes keys, and says so when it is done.
import { suite } from '#crypto';

let bits = 0;
for (let i = 0; i < 500_000; i++) {
  const { publicKey } = await suite.generateDhKey();
  bits |= publicKey[i & 31] as number;
}
console.log(bits === 0xff ? 'done' : 'keys are missing bits');
