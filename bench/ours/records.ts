import { suite } from '#crypto';
import { RecordKey } from '../../src/protocol/channel/record-key.ts';
import { createTransportKey } from '../../src/protocol/noise/index.ts';

/**
 * Seals and opens `count` records with the record keys of the channel: counters, rekeying and a
 * buffer for each result included. What a device keeps of a record to know its repeat is not: it
 * is in `exchange-32`.
 */
export function records(plaintextBytes: number): (count: number) => number {
  const key = suite.randomBytes(32);
  const sender = new RecordKey(createTransportKey(suite.aead(key)));
  const receiver = new RecordKey(createTransportKey(suite.aead(key)));
  const plaintext = new Uint8Array(plaintextBytes).fill(0x5a);
  // As the host does, which has one request under way.
  const buffer = new Uint8Array(plaintextBytes + 16);
  let counter = 0;
  return (count) => {
    let opened = 0;
    for (let i = 0; i < count; i++) {
      const record = sender.seal(counter, plaintext, buffer);
      opened += receiver.open(counter, record)?.length ?? 0;
      counter++;
    }
    if (opened !== count * plaintextBytes) throw new Error('a record was not opened');
    return opened;
  };
}
