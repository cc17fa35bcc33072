export { broadcastChannel, type ChannelId, readChannelId, writeChannelId } from './channel-id.ts';
export {
  answerLengths,
  isRecordCommand,
  type PacketCommandName,
  packetCommands,
  recordCommand,
  recordCounterBits,
  requestLengths,
} from './commands.ts';
export {
  type DeviceEvent,
  DevicePackets,
  type DevicePacketsOptions,
  type PacketFace,
} from './device-packets.ts';
export { type HostEvent, HostPackets, type HostPacketsOptions } from './host-packets.ts';
export { capabilities, type DeviceVersion, type InitAnswer } from './init-answer.ts';
export {
  continuationPacketFields,
  initAnswerFields,
  initPacketBit,
  initPacketFields,
  initRequestFields,
  messageLimitMs,
  messageTimeoutMs,
  type PacketField,
  packetProtocolVersion,
} from './layout.ts';
export { type PacketErrorCode, packetErrorCode, packetErrors } from './packet-errors.ts';
export { largestMessage, packetCount, writePackets } from './packet-writer.ts';
