export type {
  Bytes,
  Case,
  ChannelStep,
  Clause,
  Expected,
  PacketStep,
  ReplyExpectation,
  Request,
  SessionStep,
  Setup,
  Step,
  Tampering,
  Timing,
  UsbStep,
  Value,
} from './case.ts';
export { clauses } from './case.ts';
export { cases } from './cases/index.ts';
export { createReport, formatReport, type Report } from './report.ts';
export { allFaces, appliesTo, type CaseResult, runCase } from './runner.ts';
export type { Target, UsbPort } from './target.ts';
export { type Bystander, commandOf, type Deed, tapWire } from './wire.ts';
