import { end } from '../../../protocol/commands/index.ts';
import { coreHandler, done } from '../handler.ts';

export const handleEnd = coreHandler(end, ({ call }) => {
  call.session.endAfterReply();
  return done({});
});
