import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import type { Queryable } from '@platen/chassis/db/types';
import {
  type ChainPoint,
  type ChainProblem,
  exportChain,
  findTenantId,
  listChains,
  verifyExport,
  verifyStored,
} from '../../modules/audit/index.js';
import { exitCodes, UsageError } from '../run-command.js';

export const auditUsage = `usage: npm run audit -- <command>
  verify [--tenant slug | --platform]   check the chain of one tenant, of the platform itself, or every chain
         [--file export.ndjson]         check an export: by itself, or with --tenant or --platform the chain against it
         [--point seq:hash]             hold the chain against a point that was logged ("audit chain")
  export --tenant slug | --platform     write one chain to standard output, as NDJSON`;

export interface AuditDeps {
  /** Made when something needs it: an export is checked without a database. */
  readonly openDb: () => Queryable;
  readonly print: (line: string) => void;
  readonly write: (export_: Readable) => Promise<void>;
}

interface Options {
  readonly tenant?: string | undefined;
  readonly platform?: boolean | undefined;
  readonly file?: string | undefined;
  readonly point?: string | undefined;
}

/** @throws UsageError */
export async function runAudit(args: readonly string[], deps: AuditDeps): Promise<number> {
  const { command, options } = readArgs(args);
  const isNamed = options.tenant !== undefined || options.platform === true;
  if (command === 'export') {
    if (!isNamed) throw new UsageError(`whose?\n${auditUsage}`);
    const db = deps.openDb();
    const tenantId = await chainIdOf(db, options);
    await deps.write(await exportChain(db, { tenantId, afterSeq: 0, now: new Date() }));
    return exitCodes.ok;
  }
  const points = options.point === undefined ? [] : [readPoint(options.point)];
  const fileProblems = options.file === undefined ? null : await verifyFile(options.file, points, deps.print);
  if (fileProblems !== null && !isNamed) return codeOf(fileProblems);
  if (points.length > 0 && !isNamed) throw new UsageError(`a point of whose chain?\n${auditUsage}`);
  const problems = await verifyChains(deps, options, points);
  return codeOf(problems + (fileProblems ?? 0));
}

const codeOf = (problems: number): number => (problems === 0 ? exitCodes.ok : exitCodes.refused);

function readArgs(args: readonly string[]): { command: 'verify' | 'export'; options: Options } {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        tenant: { type: 'string' },
        platform: { type: 'boolean' },
        file: { type: 'string' },
        point: { type: 'string' },
      },
    });
    const [command, ...rest] = positionals;
    if ((command === 'verify' || command === 'export') && rest.length === 0) return { command, options: values };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${auditUsage}`);
  }
  throw new UsageError(`unknown command\n${auditUsage}`);
}

function readPoint(text: string): ChainPoint {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) throw new UsageError(`not a point: ${text}\n${auditUsage}`);
  return { seq: Number(seq), hash };
}

async function chainIdOf(db: Queryable, { tenant }: Options): Promise<string | null> {
  if (tenant === undefined) return null;
  const id = await findTenantId(db, tenant);
  if (id === undefined) throw new UsageError(`there is no tenant ${tenant}`);
  return id;
}

/** The file's own end becomes a point that the database is held against. Answers how many problems there are. */
async function verifyFile(file: string, points: ChainPoint[], print: (line: string) => void): Promise<number> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  const check = await verifyExport(lines);
  if (check.head.seq > 0) points.push(check.head);
  tell(print, `${file} (${check.tenantId ?? 'platform'})`, check.checked, check.problems);
  return check.problems.length;
}

async function verifyChains(deps: AuditDeps, options: Options, points: readonly ChainPoint[]): Promise<number> {
  const db = deps.openDb();
  const isNamed = options.tenant !== undefined || options.platform === true;
  const chains = isNamed
    ? [{ tenant_id: await chainIdOf(db, options), slug: options.tenant ?? null }]
    : await listChains(db);
  let problems = 0;
  for (const { tenant_id: tenantId, slug } of chains) {
    const check = await verifyStored(db, tenantId, { points });
    tell(deps.print, slug ?? tenantId ?? 'platform', check.checked, check.problems, check.head);
    problems += check.problems.length;
  }
  return problems;
}

function tell(
  print: (line: string) => void,
  name: string,
  checked: number,
  problems: readonly ChainProblem[],
  head?: ChainPoint | null,
): void {
  const end = head ? `, ends at ${head.seq}:${head.hash}` : '';
  print(`${name}: ${checked} events, ${problems.length === 0 ? 'unbroken' : `PROBLEMS: ${problems.length}`}${end}`);
  for (const { seq, kind, detail } of problems) print(`  ${seq === null ? kind : `event ${seq}: ${kind}`}: ${detail}`);
}
