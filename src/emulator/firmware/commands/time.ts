import { certifyTime, offerTime, readTime } from '../../../protocol/commands/index.ts';
import { openTime } from '../../../protocol/updates/index.ts';
import { coreHandler, done, engineHandler, refused } from '../handler.ts';

export const handleReadTime = coreHandler(readTime, ({ ledger, time, nonces, call }) => {
  const [now, certified] = [time.now(), time.certified];
  return done({
    ...(now !== undefined && { time: now }),
    ...(certified.time !== undefined && { certified: certified.time }),
    poweredMs: certified.poweredMs,
    nonce: nonces.give(call.session, ledger.now()),
  });
});

export const handleCertifyTime = engineHandler(
  certifyTime,
  async ({ manufacture, dongleId, time, nonces, call }, { file }) => {
    const { root, vendor } = manufacture;
    const opened = await openTime(file, { root, vendor, dongle: dongleId });
    if (!opened.ok) return refused(opened.code);
    if (!call.pending) return refused('CANCELLED');
    const askedMs = nonces.use(call.session, opened.value.nonce);
    if (askedMs === undefined) return refused('TIME_REFUSED');
    return time.certify(opened.value.time, askedMs);
  },
);

export const handleOfferTime = coreHandler(offerTime, ({ time }, request) =>
  time.offer(request.time),
);
