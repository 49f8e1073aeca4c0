// In the bundles, what tap asks whose an error is that nobody caught. The package that tap brings for it follows every
// promise from where it was made, a tenth of what tests took in Node. One test runs at a time, so the error is that one's.
import { executionAsyncResource } from 'node:async_hooks';

const events = ['uncaughtException', 'unhandledRejection'];
/** In the order in which they were made: a test's own tests after it. */
const alive = new Set();

export class Domain {
  constructor(onerror) {
    this.onerror = onerror;
    // tap makes it in the asynchronous resource of the test that it is for; the one outside of all tests in none.
    this.test = executionAsyncResource().test;
    if (alive.size === 0) for (const event of events) process.on(event, handOver);
    alive.add(this);
  }

  /** After the last, Node ends the process as it does without us. */
  destroy() {
    alive.delete(this);
    if (alive.size === 0) for (const event of events) process.off(event, handOver);
  }
}

/** To the innermost test that runs, or else to what is outside of all. */
function handOver(error, origin) {
  const event = typeof origin === 'string' ? 'uncaughtException' : 'unhandledRejection';
  // A test that listens for it means to have it.
  if (process.listenerCount(event) > 1) return;
  const domains = [...alive].reverse();
  const { onerror } = domains.find(({ test }) => test?.started) ?? domains.at(-1);
  onerror(error, event);
}
