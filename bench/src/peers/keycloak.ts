import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { call } from '../environment/http.js';
import { type BenchPlatform, freePorts, runSql } from '../environment/platform.js';

const realm = 'bench';
const client = 'bench';
const password = 'platen-demo-2026';
const startTimeoutMs = 300_000;

export const keycloakUsers = Array.from({ length: 16 }, (_, n) => `user-${n}`);

export interface Keycloak {
  /** Of the start script, whose child is the server. */
  readonly pid: number;
  readonly startSeconds: number;
  /** The refresh token of a new session. */
  signIn(username: string): Promise<string>;
  /** The refresh token that takes the place of this one. */
  refresh(refreshToken: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * In production mode on 127.0.0.1, with its tables in a database of the bench's own Postgres server. One realm with a client
 * that may send passwords; a refresh token serves once, as ours; everything else is as delivered.
 */
export async function startKeycloak(folder: string, platform: BenchPlatform): Promise<Keycloak> {
  const [port] = (await freePorts(1)) as [number];
  const database = new URL(platform.superuserUrl('control'));
  await runSql(database.toString(), 'create database keycloak template template0');
  // The only place that it imports from; the same text each time.
  const importDir = path.join(folder, 'data/import');
  mkdirSync(importDir, { recursive: true });
  writeFileSync(path.join(importDir, `${realm}-realm.json`), JSON.stringify(realmExport()));
  const logFile = openSync(path.join(platform.dataDir, 'keycloak.log'), 'w');
  const url = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  const child = spawn(
    path.join(folder, 'bin/kc.sh'),
    [
      'start',
      '--optimized',
      '--http-enabled=true',
      '--http-host=127.0.0.1',
      `--http-port=${port}`,
      `--hostname=${url}`,
      `--db-url=jdbc:postgresql://${database.host}/keycloak`,
      `--db-username=${decodeURIComponent(database.username)}`,
      '--import-realm',
    ],
    {
      env: { ...process.env, KC_DB_PASSWORD: decodeURIComponent(database.password) },
      stdio: ['ignore', logFile, logFile],
    },
  );
  closeSync(logFile);
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  };
  const agent = new Agent({ keepAlive: true });
  const token = async (fields: Record<string, string>) => {
    const reply = await call(`${url}/realms/${realm}/protocol/openid-connect/token`, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ client_id: client, ...fields }).toString(),
    });
    if (reply.status !== 200) throw new Error(`Keycloak answered ${reply.status}: ${reply.body}`);
    const body: { refresh_token?: unknown } = JSON.parse(reply.body);
    if (typeof body.refresh_token !== 'string') throw new Error('Keycloak gave no refresh token');
    return body.refresh_token;
  };
  try {
    await untilAnswers(`${url}/realms/${realm}`, () => child.exitCode !== null);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    startSeconds: (performance.now() - startedAt) / 1000,
    signIn: (username) => token({ grant_type: 'password', username, password }),
    refresh: (refreshToken) => token({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    async stop() {
      agent.destroy();
      await stop();
    },
  };
}

async function untilAnswers(url: string, isGone: () => boolean): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  for (;;) {
    const status = await call(url).then(
      (reply) => reply.status,
      () => 0,
    );
    if (status === 200) return;
    if (isGone()) throw new Error('Keycloak ended before it served');
    if (performance.now() > deadline) throw new Error('Keycloak does not serve');
    await delay(250);
  }
}

const realmExport = () => ({
  realm,
  enabled: true,
  sslRequired: 'none',
  revokeRefreshToken: true,
  refreshTokenMaxReuse: 0,
  clients: [{ clientId: client, enabled: true, publicClient: true, directAccessGrantsEnabled: true }],
  users: keycloakUsers.map((username) => ({
    username,
    enabled: true,
    email: `${username}@acme.test`,
    emailVerified: true,
    firstName: 'Some',
    lastName: 'Body',
    credentials: [{ type: 'password', value: password, temporary: false }],
  })),
});
