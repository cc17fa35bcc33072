export { type BindStep, bind, type Predecessor } from './bind.ts';
export { attach, end, handOver, renew } from './hold.ts';
export {
  type Binding,
  type Claim,
  type Durable,
  type Ownership,
  powerUp,
  unowned,
} from './ownership.ts';
export { defaultRules, type Rules, rulesSchema } from './rules.ts';
