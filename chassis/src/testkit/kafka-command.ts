import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from './programs.js';

/** Where `npm run kafka:install` puts what a broker needs: `libs/`, a `formatted/` data folder, an archive of classes. */
export const kafkaFolder =
  process.env['KAFKA_TEST_DIR'] || fileURLToPath(new URL('../../../.ci/cache/kafka', import.meta.url));

/** For tap's `skip`: false where a broker can be started. */
export const kafkaIsMissing: string | false = describeMissing();

function describeMissing(): string | false {
  if (findProgram('java') === undefined) return 'no java on the PATH, which Kafka runs on';
  return existsSync(path.join(kafkaFolder, 'installed')) ? false : 'Kafka is not there: npm run kafka:install';
}

/** A small heap and the quickest compiler: a broker of a test lives for seconds. */
const virtualMachine = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
const logging = [
  '-Dorg.slf4j.simpleLogger.logFile=System.out',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  // Says when it has started.
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
];

/** The arguments of `java` for one of Kafka's programs; the settings file comes after them. */
export function brokerCommand(folder: string, program: string): string[] {
  const libs = path.join(folder, 'libs');
  // In a fixed order, which an archive of classes depends on.
  const jars = readdirSync(libs).filter((name) => name.endsWith('.jar'));
  const classPath = jars.sort().map((name) => path.join(libs, name));
  const archive = path.join(folder, 'classes.jsa');
  return [
    ...virtualMachine,
    ...(existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : []),
    ...logging,
    '-cp',
    classPath.join(path.delimiter),
    program,
  ];
}

/** Broker and controller in one, on loopback alone; no topic comes into being by accident. Answers the file. */
export function writeSettings(
  folder: string,
  ports: { readonly broker: number; readonly controller: number },
  more: Readonly<Record<string, string>> = {},
): string {
  const settings: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${ports.broker},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports.broker}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': path.join(folder, 'data'),
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // Who was killed may come back when its session is over: 9 s by default.
    'broker.session.timeout.ms': '2000',
    'broker.heartbeat.interval.ms': '400',
    'num.network.threads': '2',
    'num.io.threads': '2',
    // By default a partition takes 20 MB of addresses and the cleaner 128 MB of the heap.
    'log.index.size.max.bytes': '262144',
    'log.cleaner.dedupe.buffer.size': '2097152',
    ...more,
  };
  const file = path.join(folder, 'server.properties');
  writeFileSync(
    file,
    `${Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join('')}`,
  );
  return file;
}
