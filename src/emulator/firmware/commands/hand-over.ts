import { handOver } from '../../../protocol/commands/index.ts';
import { coreHandler, done, refused } from '../handler.ts';

export const handleHandOver = coreHandler(handOver, ({ manufacture, registrar }, { key }) =>
  registrar.handOver(key) ? done({ windowMs: manufacture.rules.handoverMs }) : refused('NO_SPACE'),
);
