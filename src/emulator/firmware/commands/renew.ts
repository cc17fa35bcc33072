import { renew } from '../../../protocol/commands/index.ts';
import { coreHandler, done } from '../handler.ts';

// Every request has renewed the lease when it gets here.
export const handleRenew = coreHandler(renew, ({ registrar }) =>
  done({ knocks: registrar.knocks }),
);
