import { end } from '../../../protocol/commands/index.ts';
import { coreHandler, done, refused } from '../handler.ts';

export const handleEnd = coreHandler(end, ({ registrar, call }) => {
  if (!registrar.leave()) return refused('NO_SPACE');
  call.session.endAfterReply();
  return done({});
});
