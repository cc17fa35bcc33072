import { suite } from '#crypto';
import type { Context, Receipt } from '../../../protocol/updates/index.ts';
import { signContext, signReceipt } from '../../../protocol/updates/index.ts';
import { isBlocked } from '../blocked.ts';
import type { CommandContext } from '../handler.ts';
import { reportLicenses } from '../licenses/index.ts';
import { vendorState, vendorStates } from './vendor-state.ts';
import { withdrawnOf } from './withdrawn.ts';

// What the dongle tells its vendors, signed.

/** A context file, for an update that answers with this one-time key (X25519, 32 bytes). */
export async function makeContextFile(
  context: CommandContext,
  oneTimeKey: Uint8Array,
): Promise<Uint8Array> {
  const { manufacture, ledger } = context;
  const said: Context = {
    ...aboutDongle(context),
    oneTimeKey,
    vendors: vendorStates(ledger.store).map(({ vendor, number, last }) => {
      return { vendor, number, last };
    }),
    licenses: reportLicenses(ledger.store, undefined),
  };
  const key = await suite.importSigningKey(manufacture.signingKey);
  return signContext({ key, chain: manufacture.chain }, said);
}

/** The receipt of a vendor's last update. */
export async function makeReceiptFile(
  context: CommandContext,
  vendor: number,
): Promise<Uint8Array> {
  const { manufacture, ledger } = context;
  const { number, last } = vendorState(ledger.store, vendor);
  const said: Receipt = {
    ...aboutDongle(context),
    state: { vendor, number, last },
    licenses: [...reportLicenses(ledger.store, vendor), ...withdrawnOf(ledger.store, vendor)],
  };
  const key = await suite.importSigningKey(manufacture.signingKey);
  return signReceipt({ key, chain: manufacture.chain }, said);
}

function aboutDongle({ manufacture, dongleId, ledger, time }: CommandContext) {
  const now = time.now();
  return {
    version: 1,
    serial: manufacture.serial,
    dongle: dongleId,
    poweredMs: ledger.now(),
    ...(now !== undefined && { time: now }),
    ...(isBlocked(ledger.store) && { blocked: 1 as const }),
  } as const;
}
