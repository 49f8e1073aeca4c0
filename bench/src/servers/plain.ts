import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stopChild } from '../measure/load.js';

export interface PlainServerOptions {
  /** A role that row-level security does not hold. */
  readonly plainUrl: string;
  /** The application's role. */
  readonly securedUrl: string;
  readonly owner: { readonly tenantId: string; readonly organizationId: string; readonly workspaceId: string };
}

export interface PlainServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startPlainServer(options: PlainServerOptions): Promise<PlainServer> {
  const entry = fileURLToPath(new URL('./plain.child.js', import.meta.url));
  const child = fork(entry, [JSON.stringify(options)], {
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' },
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: () => stopChild(child) };
}
