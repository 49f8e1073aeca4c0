import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { findProgram, freePort } from '@platen/chassis/testkit/programs';
import type { S3Options } from '../storage/s3-storage.js';

/** `go install` puts it here. */
const program = findProgram('versitygw', [path.join(homedir(), 'go', 'bin')]);
/** For tap's `skip`: false where an S3 server can be started. */
export const s3IsMissing: string | false = program === undefined && 'no versitygw on the PATH: no s3 to test with';

/** A real S3 server of a test's own, with one empty bucket. */
export interface TestS3 {
  readonly options: S3Options;
  /** Keys of uploads that were begun and neither completed nor aborted. */
  listUploads(): Promise<string[]>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const startTries = 5;
const keys = { accessKeyId: 'test', secretAccessKey: 'a secret of the test' };

export async function startTestS3(): Promise<TestS3> {
  if (program === undefined) throw new Error(String(s3IsMissing));
  const folder = await mkdtemp(path.join(tmpdir(), 'platen-test-s3-'));
  await mkdir(path.join(folder, 'data'));
  let running: ChildProcess | undefined;
  let port = 0;
  for (let tries = 1; running === undefined; tries += 1) {
    port = await freePort();
    running = await launch(program, path.join(folder, 'data'), port);
    // Somebody else may have taken the port in between.
    if (running === undefined && tries === startTries) throw new Error(`versitygw did not start at port ${port}`);
  }
  const child = running;
  const options = {
    ...keys,
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    bucket: 'platen',
    forcePathStyle: true,
  };
  const client = new S3Client({ ...options, credentials: keys });
  await client.send(new CreateBucketCommand({ Bucket: options.bucket }));
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    options,
    async listUploads() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: options.bucket }));
      return Uploads.map(({ Key }) => Key ?? '');
    },
    kill,
    async stop() {
      client.destroy();
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Undefined: it ended before it was ready. */
async function launch(file: string, data: string, port: number): Promise<ChildProcess | undefined> {
  // Somebody else who has the port by now knows no such path.
  const health = `/${randomUUID()}`;
  const child = spawn(file, ['--port', `127.0.0.1:${port}`, '--health', health, '--quiet', 'posix', data], {
    env: { ...process.env, ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey },
    stdio: 'ignore',
  });
  // A test that dies takes its server with it.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
  while (child.exitCode === null) {
    if (await answers(`http://127.0.0.1:${port}${health}`)) return child;
    await delay(25);
  }
  return undefined;
}

async function answers(url: string): Promise<boolean> {
  try {
    const { ok, body } = await fetch(url);
    await body?.cancel();
    return ok;
  } catch {
    return false;
  }
}
