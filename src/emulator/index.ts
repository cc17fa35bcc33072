export type { License } from '../protocol/licenses/index.ts';
export type { UsbIpAddress } from '../protocol/usbip/index.ts';
export {
  type AesEngine,
  type AesMode,
  type AesSetup,
  type AesStream,
  nativeAesEngine,
} from './board/aes-engine.ts';
export type { Board, BoardParts, Led } from './board/board.ts';
export { type ChipOperation, chipTimes, chipTimeUs, MeteredFlash } from './board/chip-time.ts';
export { type EccEngine, nativeEccEngine, seededEccEngine } from './board/ecc-engine.ts';
export { FileFlash } from './board/file-flash.ts';
export {
  type Flash,
  FlashFault,
  type FlashGeometry,
  type FlashWear,
  largeFlash,
  MemoryFlash,
  smallFlash,
} from './board/flash.ts';
export { type RandomSource, seededRandom, systemRandom } from './board/random.ts';
export {
  nativeRsaEngine,
  type RsaBits,
  type RsaEngine,
  type RsaKey,
  seededRsaEngine,
} from './board/rsa-engine.ts';
export { PowerCut, type TearPattern, TornFlash } from './board/torn-flash.ts';
export type { UsbSpeed } from './board/usb-controller.ts';
export { VirtualClock } from './board/virtual-clock.ts';
export { EmulatedDongle } from './emulated-dongle.ts';
export type { SeatRow } from './firmware/licenses/index.ts';
export type { PartitionPlan } from './firmware/memory/index.ts';
export { defaultRules, type Rules } from './firmware/ownership/index.ts';
export { demoApplication, demoPasswords } from './first-partitions.ts';
export { type ManufactureOptions, manufacture } from './manufacture.ts';
export { type Model, type ModelName, modelNames, models } from './models.ts';
export { type HubHost, HubPort } from './ports/hub.ts';
export { LoopbackPort } from './ports/loopback.ts';
export {
  type UsbIpEvents,
  type UsbIpExport,
  UsbIpServer,
} from './ports/usbip/server.ts';
