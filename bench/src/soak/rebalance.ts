import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer } from './consumers.js';
import { refusedLines, reportProgress, type Soak, untilEffects, warmUp } from './run.js';
import { startWriting } from './writes.js';

const perSecond = 120;
const most = 5;

export const rebalance: Soak = async (context) => {
  const { stage, options, random } = context;
  const running: Consumer[] = [stage.startConsumer(), stage.startConsumer()];
  const counts = { joined: 0, left: 0 };
  const warming = await warmUp(context);
  const { writes, done } = await startWriting({ ...stage, total: options.events, perSecond, random });
  const stopReporting = reportProgress(context, writes, () => `, ${counts.joined} joined, ${counts.left} left`);
  const broken: string[] = [];
  const isWritten = done.then(() => true);
  while (!(await Promise.race([isWritten, delay(2_000 + random(3_000)).then(() => false)]))) {
    const leaves = running.length > 1 && (running.length === most || random(2) === 0);
    if (!leaves) {
      running.push(stage.startConsumer());
      counts.joined += 1;
      continue;
    }
    const [leaving] = running.splice(random(running.length), 1);
    await leaving?.stop().catch((error: unknown) => broken.push(String(error)));
    counts.left += 1;
  }
  await untilEffects(stage);
  stopReporting();
  for (const consumer of running) await consumer.stop().catch((error: unknown) => broken.push(String(error)));
  return {
    writes: [...warming, ...writes],
    broken: [...broken, ...refusedLines(writes)],
    figures: [`${counts.joined} workers joined and ${counts.left} left while events flowed`],
  };
};
