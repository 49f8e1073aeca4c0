/** Runs tasks that have no server, in a process of their own, so that their CPU time can be read like a server's. */

import { tasks } from '../servers/tasks.js';
import { obey } from './obey.js';
import type { TaskOrder } from './task.js';

obey<TaskOrder>(async (order) => {
  await run(order);
  return 'done';
});

const opened = new Map<string, Promise<() => Promise<unknown>>>();

/** `concurrency` loops that take turns until `amount` is done. A task is set up on first use. */
async function run({ task, setup, amount, concurrency }: TaskOrder): Promise<void> {
  const prepare = tasks[task];
  if (prepare === undefined) throw new Error(`There is no task ${task}`);
  const opening = opened.get(task) ?? prepare(setup);
  opened.set(task, opening);
  const once = await opening;
  let left = amount;
  const loop = async () => {
    while (left > 0) {
      left -= 1;
      await once();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
}
