import { random } from '../../../protocol/commands/index.ts';
import { coreHandler, done } from '../handler.ts';

export const handleRandom = coreHandler(random, ({ board }, { count }) =>
  done({ data: board.random(count) }),
);
