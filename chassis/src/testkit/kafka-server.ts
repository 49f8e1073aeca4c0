import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { brokerCommand, kafkaFolder, kafkaIsMissing, writeSettings } from './kafka-command.js';
import { freePort } from './programs.js';
import { makeScratchFolder } from './scratch-folder.js';
import { watchServer } from './server-watch.js';

export { kafkaIsMissing };

/** A real broker of a test's own: one node, on loopback, with a folder that goes with it. */
export interface TestKafka {
  readonly brokers: readonly string[];
  readonly port: number;
  /** Ends it as a crash would. Resolves when it is gone; connections are refused then. */
  kill(): Promise<void>;
  /** Connections stay and are accepted, and nothing is answered. */
  freeze(): void;
  thaw(): void;
  /** After `kill`: with the data that it had, at the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** What the files of a run share a broker by: names of their own. */
export interface KafkaPlace {
  readonly brokers: readonly string[];
  /** `KAFKA_TOPIC_PREFIX`: of topics, and of consumers' groups too. */
  readonly topicPrefix: string;
}

const startTries = 5;

/**
 * The broker that `npm test` started for all files, or else one that goes with this test; either way under a prefix that
 * nobody else has. A test that kills a broker starts its own.
 */
export async function testKafka(t: { teardown(end: () => unknown): void }): Promise<KafkaPlace> {
  const topicPrefix = `test-${randomBytes(6).toString('hex')}.`;
  const shared = process.env['KAFKA_TEST_BROKERS'];
  if (shared !== undefined && shared !== '') return { brokers: shared.split(','), topicPrefix };
  const started = await startTestKafka();
  t.teardown(() => started.stop());
  return { brokers: started.brokers, topicPrefix };
}

/** `settings`: of the broker, such as `message.max.bytes`. */
export async function startTestKafka(settings: Readonly<Record<string, string>> = {}): Promise<TestKafka> {
  if (kafkaIsMissing !== false) throw new Error(kafkaIsMissing);
  const folder = await makeScratchFolder('platen-test-kafka-');
  const endWatch = watchServer(folder);
  await cp(path.join(kafkaFolder, 'formatted'), path.join(folder, 'data'), { recursive: true });
  let port = 0;
  let running: ChildProcess | undefined;
  for (let tries = 1; running === undefined; tries += 1) {
    port = await freePort();
    writeSettings(folder, { broker: port, controller: await freePort() }, settings);
    running = await launch(folder);
    // Somebody else may have taken a port in between.
    if (running === undefined && tries === startTries) throw new Error(`Kafka did not start at port ${port}`);
  }
  /** Whoever waits for one that is gone would wait without end: its end is the failure of the test, with its last words. */
  const watchEnd = (broker: ChildProcess) => {
    let lastWords = '';
    broker.stdout?.on('data', (words: Buffer) => {
      lastWords = `${lastWords}${words}`.slice(-2_000);
    });
    broker.once('exit', (code, signal) => {
      if (running !== broker) return;
      running = undefined;
      throw new Error(`Kafka at port ${port} ended by itself (${signal ?? code}): ${lastWords}`);
    });
  };
  watchEnd(running);
  const kill = async () => {
    if (running === undefined) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    running = undefined;
    await gone;
  };
  return {
    brokers: [`127.0.0.1:${port}`],
    port,
    kill,
    freeze: () => void running?.kill('SIGSTOP'),
    thaw: () => void running?.kill('SIGCONT'),
    async restart() {
      // The ports of a killed process can take a moment to be free.
      for (let tries = 1; running === undefined; tries += 1) {
        running = await launch(folder);
        if (running === undefined && tries === startTries) throw new Error(`Kafka did not start again at port ${port}`);
        if (running === undefined) await delay(200);
      }
      watchEnd(running);
    },
    async stop() {
      await kill();
      await endWatch();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Undefined: it ended before it was ready. */
async function launch(folder: string): Promise<ChildProcess | undefined> {
  const settings = path.join(folder, 'server.properties');
  const child = spawn('java', [...brokerCommand(kafkaFolder, 'kafka.Kafka'), settings], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // For the watch, when we are gone.
  await writeFile(path.join(folder, 'server.pid'), String(child.pid));
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('Kafka Server started')) {
      child.stdout.resume();
      return child;
    }
  }
  return undefined;
}
