import { invite } from '../../../protocol/commands/index.ts';
import { coreHandler, done } from '../handler.ts';

export const handleInvite = coreHandler(invite, ({ registrar, call }) =>
  done({ invitation: registrar.invite(call.session) }),
);
