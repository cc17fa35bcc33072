import { concatBytes, noBytes } from '../../../bytes.ts';
import { streamFinish, streamUpdate } from '../../../protocol/commands/index.ts';
import { coreHandler, done, refused } from '../handler.ts';

export const handleStreamUpdate = coreHandler(streamUpdate, ({ streams, call }, request) => {
  const stream = streams.find(call.session, request.stream);
  if (!stream.ok) return stream;
  const data = stream.value.update(request.data);
  return data === undefined ? refused('INVALID_ARGUMENT') : done({ data });
});

export const handleStreamFinish = coreHandler(streamFinish, ({ streams, call }, request) => {
  const stream = streams.find(call.session, request.stream);
  if (!stream.ok) return stream;
  const data = request.data === undefined ? noBytes : stream.value.update(request.data);
  if (data === undefined) return refused('INVALID_ARGUMENT');
  streams.remove(request.stream);
  return done({ data: concatBytes(data, stream.value.finish()) });
});
