import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram } from '@platen/chassis/testkit/programs';

const run = promisify(execFile);
const here = (place: string) => fileURLToPath(new URL(place, import.meta.url));
const programs = [here('../../../.ci/cache/bin')];
const loader = findProgram('compose-load', programs);
export const hadolint = findProgram('hadolint', programs);

/** For tap's `skip`: false where there is one. */
export const loaderIsMissing: string | false = loader === undefined && 'no compose-load: run .ci/images';
export const hadolintIsMissing: string | false = hadolint === undefined && 'no hadolint: run .ci/images';

export const composeFile = here('../../compose/compose.yaml');

export interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly build?: { readonly target: string; readonly dockerfile: string };
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly user?: string;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly volumes?: readonly { readonly type: string; readonly source: string; readonly target: string }[];
  readonly ports?: readonly { readonly target: number; readonly published: string }[];
  readonly networks?: Readonly<Record<string, unknown>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly resources?: { readonly limits?: { readonly memory?: string; readonly cpus?: number } } };
  readonly network_mode?: string;
  readonly stop_grace_period?: string;
}

export interface Composition {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** As `docker compose config` has it. @throws Error with what the loader says */
export async function loadComposition(env: Readonly<Record<string, string>>, file = composeFile): Promise<Composition> {
  if (loader === undefined) throw new Error('There is no compose-load');
  const { stdout } = await run(loader, [file], { env, maxBuffer: 16 << 20, cwd: path.dirname(file) });
  // The loader has checked it against the schema of compositions.
  return JSON.parse(stdout) as Composition;
}

/** What `npm run compose:secrets` writes. */
export async function makeSecrets(out: string, two: boolean): Promise<Record<string, string>> {
  const names = [
    '--base-domain',
    'shops.example.com',
    '--files-host',
    'files.example.com',
    '--tls-dir',
    '/etc/platen/tls',
  ];
  await run(process.execPath, [
    here('../../compose/make-secrets.mjs'),
    ...names,
    ...(two ? ['--two'] : []),
    '--out',
    out,
  ]);
  return readEnvFile(out);
}

export function readEnvFile(file: string): Record<string, string> {
  const lines = readFileSync(file, 'utf8').split('\n');
  const pairs = lines.map((line) => /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line)).filter((match) => match !== null);
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value.replace(/^'(.*)'$/, '$1')]));
}
