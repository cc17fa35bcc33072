import { echo } from '../../../protocol/commands/index.ts';
import { coreHandler, done } from '../handler.ts';

export const handleEcho = coreHandler(echo, (_context, { data }) => done({ data }));
