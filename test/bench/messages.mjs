// Answers each message: the least that a round trip to a thread can be. Or reports progress, a message each time.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', (message) => {
  if (message?.progress === undefined) return parentPort.postMessage(message);
  for (let step = 0; step < message.progress; step += 1) parentPort.postMessage(step);
  parentPort.postMessage('done');
});
