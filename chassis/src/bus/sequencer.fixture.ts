import { createLogger } from '../log/logger.js';
import { startSequencer } from './sequencer.js';

/** A sequencer as a process of its own, to be killed. The URL is its argument; its log says when it holds the lock. */
const [, , url = ''] = process.argv;
startSequencer({ url, name: 'fixture', log: createLogger({ service: 'sequencer' }), standbyPollMs: 50 });
