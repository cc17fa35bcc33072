import { Option } from 'commander';
import { Ledger } from '../vendor/ledger.ts';
import { VendorFolder } from '../vendor/vendor-folder.ts';

/** Whose keys and ledger a command uses. */
export interface VendorOptions {
  readonly folder: string;
}

/** `--folder`: where the vendor's keys and ledger are. */
export function folderOption(): Option {
  return new Option('--folder <folder>', 'the vendor’s folder')
    .env('LATCHKEY_VENDOR')
    .default('.', 'the current one');
}

/** Opens the vendor's folder and its ledger for as long as the work takes. */
export async function withLedger<Result>(
  { folder }: VendorOptions,
  work: (vendor: VendorFolder, ledger: Ledger) => Promise<Result>,
): Promise<Result> {
  const vendor = await VendorFolder.open(folder);
  await using ledger = await Ledger.open(vendor.ledger);
  return await work(vendor, ledger);
}
