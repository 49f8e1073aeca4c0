import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const keycloakVersion = '26.7.0';

const cacheDir = fileURLToPath(new URL('../../../.platen/', import.meta.url));
/** Downloading 176 MB, or building it for Postgres on a busy machine. */
const stepTimeoutMs = 600_000;

/**
 * Where Keycloak lies, built for Postgres; fetched from Maven Central on first use and kept. A text: why it cannot be had.
 */
export function installKeycloak(): { readonly folder: string } | { readonly missing: string } {
  if (!/version "(1[7-9]|[2-9]\d)/.test(run('java', ['-version']).output)) return { missing: 'needs Java 17 or newer' };
  const folder = path.join(cacheDir, `keycloak-${keycloakVersion}`);
  if (existsSync(folder)) return { folder };
  if (!run('mvn', ['-version']).ok) return { missing: 'needs Maven (mvn) to fetch Keycloak' };
  process.stdout.write(`Keycloak ${keycloakVersion} is fetched from Maven Central and built, once: some minutes\n`);
  const work = `${folder}.making-${process.pid}`;
  mkdirSync(work, { recursive: true });
  try {
    const artifact = `org.keycloak:keycloak-quarkus-dist:${keycloakVersion}:tar.gz`;
    const archive = path.join(work, `keycloak-quarkus-dist-${keycloakVersion}.tar.gz`);
    const made = path.join(work, `keycloak-${keycloakVersion}`);
    const steps: [string, string[]][] = [
      ['mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${work}`]],
      ['tar', ['-xzf', archive, '-C', work]],
      [path.join(made, 'bin/kc.sh'), ['build', '--db=postgres', '--cache=local']],
    ];
    for (const [command, args] of steps) {
      const { ok, output } = run(command, args);
      if (!ok) return { missing: `${command} ${args[0] ?? ''} failed: ${output.trim().slice(-300)}` };
    }
    // In place as a whole or not at all: an interrupted run leaves nothing that looks complete.
    if (!existsSync(folder)) renameSync(made, folder);
    return { folder };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[]): { ok: boolean; output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: stepTimeoutMs });
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}` };
}
