import { describe, expect, test } from 'vitest';
import { buses, capacityOf } from '../support/paced-bus.ts';
import { pacedLinks, pacedRate, pacedStreamRate, pacedStreams } from '../support/paced-links.ts';

describe('the real transports on a bus in virtual time', () => {
  test.each(Object.entries(pacedLinks))('use their share of %s', async (_name, link) => {
    const share = (await pacedRate(link)) / capacityOf(link.bus);
    expect(share).toBeGreaterThanOrEqual(link.atLeast);
    // More than all would mean that the bus lets things pass.
    expect(share).toBeLessThan(1);
  });

  test.each(Object.entries(pacedStreams))(
    'carry a mebibyte of AES with their share: %s',
    async (_name, wire) => {
      const share = (await pacedStreamRate(wire)) / capacityOf(wire.bus);
      expect(share).toBeGreaterThanOrEqual(wire.atLeast);
      expect(share).toBeLessThan(1);
    },
  );

  test('a system that writes report by report, as hidraw does, is as quick as it is itself', async () => {
    const link = {
      bus: buses.fullSpeedInterrupt,
      overheadMs: 0.1,
      messageBytes: 7_609,
      reportsUnderWay: 1,
    };
    // Out, every other frame is lost while the program asks for the next write; in, none is.
    expect((await pacedRate(link)) / capacityOf(link.bus)).toBeGreaterThan(0.6);
  });
});
