import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { serviceEnvironment, uploadsOf } from '@platen/demo/platform';
import { bundles, type Platform, repository, seedEnvironment, type TestContext, urlsOf } from '../platform.js';
import type { Who } from './how.js';
import { readSource } from './pages.js';

/** The repository by links, so that what a command writes into the folder that it is run in does not land there. */
export function openFolder(t: Pick<TestContext, 'teardown'>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'platen-docs-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of readdirSync(repository)) {
    if (name !== '.git') symlinkSync(path.join(repository, name), path.join(folder, name));
  }
  mkdirSync(path.join(folder, 'bin'));
  const npm = path.join(folder, 'bin/npm');
  writeFileSync(npm, standIn());
  chmodSync(npm, 0o755);
  // What curl says beside the body: the statuses are looked at, and nobody wants a progress bar.
  writeFileSync(path.join(folder, '.curlrc'), 'silent\nshow-error\nwrite-out = "\\nstatus %{http_code}\\n"\n');
  return folder;
}

/** `npm run` and `npm test` as npm does them, for a twentieth of what it costs to start; one test holds the two together. */
function standIn(): string {
  const { version, scripts } = JSON.parse(readSource('package.json')) as {
    version: string;
    scripts: Record<string, string>;
  };
  const branches = Object.entries(scripts).map(
    ([name, script]) => `${name}) script='${script}' run='${asBundled(script)}' ;;`,
  );
  return `#!/usr/bin/env bash
silent=
words=()
while [ $# -gt 0 ]; do
  case "$1" in
    --silent) silent=1 ;;
    --) shift; break ;;
    *) words+=("$1") ;;
  esac
  shift
done
if [ "\${words[0]}" = test ]; then name=test; else name=\${words[1]}; fi
case "$name" in
${branches.join('\n')}
*) echo "no script $name" >&2; exit 1 ;;
esac
if [ -z "$silent" ]; then printf '\\n> platen@${version} %s\\n> %s\\n\\n' "$name" "$script\${*:+ $*}"; fi
if [ $# -gt 0 ]; then run="$run $(printf '%q ' "$@")"; fi
exec bash -c "$run"
`;
}

/** What `npm test` has put together starts in half the time. */
const asBundled = (script: string): string =>
  script.replaceAll(/(?<=\bnode )\S+\/dist\/\S+\.js/g, (file) =>
    bundles !== undefined && existsSync(path.join(bundles, file)) ? path.join(bundles, file) : file,
  );

/** The variables of whoever runs a command. */
export function environmentOf(who: Who, platform: Platform): Record<string, string> {
  const { databases, ports, secrets, dataDir } = platform;
  if (who === 'nobody') return {};
  if (who !== 'owner') return serviceEnvironment(who, { ports, secrets, dataDir, databases: urlsOf(databases) });
  const { control, 'erp-1': erp1, 'erp-2': erp2, 'telemetry-1': telemetry1 } = databases;
  const entry = (kind: string, { ownerUrl }: { readonly ownerUrl: string }) => ({ url: ownerUrl, kind });
  return {
    ...seedEnvironment(control, secrets),
    STORAGE_LOCAL_DIR: uploadsOf(dataDir),
    MIGRATE_CONTROL_DB_URL: control.ownerUrl,
    MIGRATE_DB_CATALOG: JSON.stringify({
      'erp-1': entry('erp', erp1),
      'erp-2': entry('erp', erp2),
      'telemetry-1': entry('telemetry', telemetry1),
    }),
  };
}

export interface Said {
  readonly code: number | null;
  readonly out: string;
}
export type Type = (command: string, env?: Readonly<Record<string, string>>, input?: string) => Promise<Said>;

/** Types a command into a shell, in the folder, and answers all that it says. */
export const typeIn =
  (folder: string): Type =>
  async (command, env = {}, input = '') => {
    const own = { HOME: folder, CURL_HOME: folder, PATH: `${folder}/bin:${process.env['PATH']}` };
    const child = spawn('bash', ['-c', command], { cwd: folder, env: { ...own, ...env } });
    child.stdin.on('error', () => undefined).end(input);
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [out, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, out: out + errors };
  };
