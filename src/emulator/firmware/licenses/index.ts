export { Licenses } from './licenses.ts';
export {
  addUnits,
  putLicense,
  renewCheckpoint,
  setLicenseState,
  withdrawLicense,
} from './operations.ts';
export { type Entry, putUserData, readUserData } from './record.ts';
export { type LicenseReport, reportLicenses } from './report.ts';
export { type SeatRow, seatTable, setSeats, unlimitedSeats } from './seat-table.ts';
export { Seats } from './seats.ts';
export { digestOf } from './take.ts';
