// `npm run kafka:install`: what a real Kafka broker needs, for tests and measurements, into .ci/cache/kafka (or
// KAFKA_TEST_DIR). Needs Maven and Java once; a test never downloads anything, and skips by name where this was not run.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, fail, root, run } from './prepare.mjs';

const folder = resolve(process.env.KAFKA_TEST_DIR || `${root}.ci/cache/kafka`);
const pom = `${root}deploy/kafka/pom.xml`;
const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
if (java.error || java.status !== 0) fail('There is no java on the PATH; Kafka runs on 17 or newer.');
// The archive of classes below is of one build of Java, and of these jars.
const wanted = createHash('sha256').update(readFileSync(pom)).update(java.stderr).digest('hex');
const stamp = `${folder}/installed`;
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) process.exit(0);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const copy = ['-q', '-B', '-ntp', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}/libs`];
run('Copying the jars of Kafka', 'mvn', [...copy, '-DincludeScope=runtime']);

ensureInstalled();
await ensureBuilt();
const { brokerCommand, writeSettings } = await import(
  pathToFileURL(`${root}chassis/dist/testkit/kafka-command.js`).href
);
const scratch = `${folder}/first-start`;
mkdirSync(scratch);
const settings = writeSettings(scratch, { broker: 39_092, controller: 39_093 });
const format = brokerCommand(folder, 'kafka.tools.StorageTool');
// Any cluster id does. A formatted folder is the same whatever the ports: brokers start on a copy of it.
run('Formatting', 'java', [...format, 'format', '-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', settings]);
cpSync(`${scratch}/data`, `${folder}/formatted`, { recursive: true });

// A first start, for the archive of what it loads: it halves what every other start costs.
const child = spawn('java', [
  `-XX:ArchiveClassesAtExit=${folder}/classes.jsa`,
  ...brokerCommand(folder, 'kafka.Kafka'),
  settings,
]);
child.stderr.resume();
for await (const line of child.stdout) if (String(line).includes('Kafka Server started')) child.kill('SIGTERM');
rmSync(scratch, { recursive: true, force: true });
writeFileSync(stamp, wanted);
process.stdout.write(`${readdirSync(`${folder}/libs`).length} jars of Kafka in ${folder}\n`);
