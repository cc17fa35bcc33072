import { applicationSchema } from '../../../protocol/partitions.ts';
import { array, field, type Infer, struct } from '../../../protocol/schema/index.ts';
import { seatsSchema } from '../../../protocol/updates/operations.ts';
import { done, type Reply, refused } from '../handler.ts';
import { type Draft, putValue, readValue, type StoreReader } from '../store/draft.ts';
import { storeKeys } from '../store-keys.ts';

/** Rows that the license table has room for. */
const mostRows = 60;

/** This many seats stand for as many as like. */
export const unlimitedSeats = 255;

const rowsSchema = array(
  struct({ application: field(1, applicationSchema), seats: field(2, seatsSchema) }),
  { max: mostRows },
);

/** A row of the license table. */
export type SeatRow = Infer<typeof rowsSchema>[number];

/** The license table, in the order of applications. */
export function seatTable(store: StoreReader): readonly SeatRow[] {
  return readValue(store, storeKeys.seats, rowsSchema) ?? [];
}

/** Sets the row of an application, or takes it out. */
export function setSeats(
  draft: Draft,
  application: number,
  seats: number | undefined,
): Reply<object> {
  const others = seatTable(draft).filter((row) => row.application !== application);
  const rows = seats === undefined ? others : [...others, { application, seats }];
  if (rows.length > mostRows) return refused('NO_SPACE');
  if (rows.length === 0) draft.remove(storeKeys.seats);
  else {
    const sorted = [...rows].sort((a, b) => a.application - b.application);
    putValue(draft, storeKeys.seats, rowsSchema, sorted);
  }
  return done({});
}
