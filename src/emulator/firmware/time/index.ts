export { DongleTime } from './dongle-time.ts';
export { Nonces } from './nonces.ts';
