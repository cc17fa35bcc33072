import { wink } from '../../../protocol/commands/index.ts';
import { coreHandler, done } from '../handler.ts';

export const handleWink = coreHandler(wink, ({ board }) => {
  board.led.winks++;
  return done({});
});
