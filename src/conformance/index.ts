export type {
  Case,
  ChannelStep,
  PacketStep,
  PowerStep,
  RuntimeStep,
  SessionStep,
  Setup,
  Step,
  UsbStep,
} from './case.ts';
export { cases } from './cases/index.ts';
export type { Clause } from './clauses.ts';
export { clauses } from './clauses.ts';
export { demoLicenses, demoSeats } from './demo-licenses.ts';
export { createReport, formatReport, type Report } from './report.ts';
export { allFaces, appliesTo, type CaseResult, type Reach, runCase } from './runner.ts';
export type { CaseRuntime } from './runtimes.ts';
export type {
  Bytes,
  ClaimChange,
  Expected,
  ReplyExpectation,
  Request,
  Tampering,
  Timing,
  Value,
  VerdictExpectation,
} from './step-data.ts';
export type { PowerPort, Target, UsbPort } from './target.ts';
export type { UpdateStep } from './update-steps.ts';
export { type Bystander, commandOf, type Deed, tapWire } from './wire.ts';
