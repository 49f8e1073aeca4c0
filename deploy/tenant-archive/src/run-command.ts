import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { ConfigError } from '@platen/chassis/config/load-config';
import { openStorage } from '@platen/data-plane/storage/open-storage';
import { ArchiveError } from './archive/manifest.js';
import { verifyArchive } from './archive/verify-archive.js';
import { backupTenant } from './backup-tenant.js';
import { readConfig } from './config.js';
import { RefusedError } from './databases.js';
import { restoreTenant } from './restore-tenant.js';

const exitCodes = { ok: 0, failed: 1, usage: 2, differs: 3 } as const;

const backupUsage = `usage: npm run tenant:backup -- <slug> --out <file>
       npm run tenant:backup -- --verify <file>

Writes all of one tenant into one file: its rows in the control, ERP and telemetry databases, each database as of one
moment, and its files. Others work on. Wants MIGRATE_CONTROL_DB_URL, MIGRATE_DB_CATALOG and the STORAGE_… of a data plane.
What is in the file is as secret as the databases are.

  --out <file>     where it goes, a gzipped tar; whole or not at all
  --verify <file>  reads a file to its end, without a database: is all of it as it was written?

Exit codes: 0 done, 1 refused or failed, 2 wrong words or configuration, 3 damaged, or files lacked in the storage.
`;
const restoreUsage = `usage: npm run tenant:restore -- <file> [options]

Brings one tenant back from a file of tenant:backup, each database in one transaction. A tenant that is gone comes back
suspended, with its users, roles and keys; of one that is there, which must be suspended, rows of its ERP and telemetry
databases and its files are replaced, and nothing in the control plane. Nothing is sent again. Wants the variables of
tenant:backup.

  --slug <slug>    for a tenant that is gone, where another has its name now
  --replace        delete the rows that are there first; asks for the tenant's slug
  --yes            asks nothing

Exit codes: 0 done, 1 refused or failed, 2 wrong words or configuration, 3 the file is damaged: nothing was changed.
`;

export interface CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Progress and errors. */
  readonly print: (line: string) => void;
  readonly ask: (question: string) => Promise<string>;
}

export const processIo: CommandIo = {
  env: process.env,
  print: (line) => void process.stderr.write(`${line}\n`),
  async ask(question) {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  },
};

class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Answers the exit code. */
export const runBackup = (args: readonly string[], io: CommandIo): Promise<number> =>
  toExitCode('tenant:backup', io, async () => {
    const { values, positionals } = readBackupWords(args);
    if (values.help) return say(io, backupUsage);
    if (values.verify !== undefined && positionals.length === 0 && values.out === undefined) {
      const { manifest, bytes } = await verifyArchive(values.verify);
      const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
      io.print(
        `${manifest.tenant.slug} of ${manifest.taken_at}: ${rows} rows, ${manifest.files.length} files, ${bytes} bytes, as they were written`,
      );
      return missingOf(manifest, io);
    }
    const [slug] = positionals;
    if (slug === undefined || positionals.length > 1 || values.out === undefined || values.verify !== undefined)
      throw new UsageError(backupUsage);
    const { databases, storage: config } = readConfig(io.env);
    const storage = await openStorage(config);
    try {
      const out = values.out;
      await backupTenant({ databases, storage, print: io.print, now: () => new Date() }, slug, out);
      const { manifest, bytes } = await verifyArchive(out);
      io.print(`${out}: ${bytes} bytes of rows and files, read again`);
      return missingOf(manifest, io);
    } finally {
      await storage.close();
    }
  });

export const runRestore = (args: readonly string[], io: CommandIo): Promise<number> =>
  toExitCode('tenant:restore', io, async () => {
    const { values, positionals } = readRestoreWords(args);
    if (values.help) return say(io, restoreUsage);
    const [file] = positionals;
    if (file === undefined || positionals.length > 1) throw new UsageError(restoreUsage);
    const { databases, storage: config } = readConfig(io.env);
    const storage = await openStorage(config);
    const confirm = async (slug: string) =>
      values.yes === true || (await io.ask(`Type ${slug} to replace all of it: `)).trim() === slug;
    try {
      const deps = { databases, storage, print: io.print, confirm, now: () => new Date() };
      const restored = await restoreTenant(deps, file, {
        slug: values.slug ?? null,
        replace: values.replace === true,
      });
      io.print(`${restored} is back, suspended: look at it, then reactivate it`);
      return exitCodes.ok;
    } finally {
      await storage.close();
    }
  });

function orUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const readBackupWords = (args: readonly string[]) =>
  orUsage(() =>
    parseArgs({ args: [...args], allowPositionals: true, options: { out: text, verify: text, help: flag } }),
  );
const readRestoreWords = (args: readonly string[]) =>
  orUsage(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { slug: text, replace: flag, yes: flag, help: flag },
    }),
  );

function say({ print }: CommandIo, text: string): number {
  print(text.trimEnd());
  return exitCodes.ok;
}

function missingOf({ missing_files: missing }: { readonly missing_files: readonly string[] }, io: CommandIo): number {
  if (missing.length === 0) return exitCodes.ok;
  io.print(`${missing.length} files were missing in the storage, or not as their rows say`);
  return exitCodes.differs;
}

async function toExitCode(name: string, { print }: CommandIo, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof UsageError || error instanceof ConfigError) {
      print(`${name}: ${text.trimEnd()}`);
      return exitCodes.usage;
    }
    print(error instanceof ArchiveError ? `${name}: the archive: ${text}` : `${name}: ${text}`);
    if (!(error instanceof RefusedError) && error instanceof Error && error.cause instanceof Error)
      print(`  ${error.cause.message}`);
    return error instanceof ArchiveError ? exitCodes.differs : exitCodes.failed;
  }
}
