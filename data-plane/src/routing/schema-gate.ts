import type { Database } from '@platen/chassis/db/database';
import { DatabaseError } from '@platen/chassis/db/errors';
import { appliedMigration, isSchemaBehind } from '@platen/chassis/db/schema-version';
import { AppError } from '@platen/chassis/http/app-error';
import type { Logger } from '@platen/chassis/log/logger';
import type { DatabaseKind } from '@platen/schema/access';

export interface SchemaGateOptions {
  readonly database: Database;
  readonly kind: DatabaseKind;
  readonly log: Logger;
  readonly now?: () => number;
}

/** A database that is behind is looked at again this often at most, while somebody asks. */
const recheckBehindMs = 2_000;
/** A current one too: it may have been replaced by an older backup. */
const recheckCurrentMs = 60_000;
const undefinedTable = '42P01';
const insufficientPrivilege = '42501';
/** The table of migrations has no rows of tenants; the statement needs a scope like any other. */
const noTenant = { tenantId: '00000000-0000-0000-0000-000000000000', organizationId: null, workspaceId: null };

/** Does a database have the schema that this build was made for? Asked before the first statement goes there. */
export class SchemaGate {
  readonly #options: SchemaGateOptions;
  readonly #now: () => number;
  #state: 'unknown' | 'current' | 'behind' = 'unknown';
  #checkedAtMs = 0;
  #checking: Promise<void> | undefined;

  constructor(options: SchemaGateOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get isBehind(): boolean {
    return this.#state === 'behind';
  }

  /** True without waiting when the database was found current; a look that is due happens behind the request's back. */
  get isOpen(): boolean {
    if (this.#state !== 'current') return false;
    // What fails here will fail for the request itself, which says so.
    if (this.#isDue(recheckCurrentMs)) this.#check().catch(() => undefined);
    return true;
  }

  /** @throws AppError schema_behind, database_unavailable */
  async pass(): Promise<void> {
    if (this.isOpen) return;
    if (this.#state === 'unknown' || this.#isDue(recheckBehindMs)) await this.#check();
    if (this.#state === 'behind') throw new AppError('schema_behind', undefined, { retryAfterSeconds: 5 });
  }

  #isDue(afterMs: number): boolean {
    return this.#now() - this.#checkedAtMs >= afterMs;
  }

  #check(): Promise<void> {
    this.#checking ??= this.#read().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #read(): Promise<void> {
    const { database, kind, log } = this.#options;
    const behind = await isBehind(database, kind);
    this.#checkedAtMs = this.#now();
    const before = this.#state;
    this.#state = behind ? 'behind' : 'current';
    if (behind && before !== 'behind') log.error({ database: database.name }, 'schema is behind: run db:migrate');
    if (!behind && before === 'behind') log.info({ database: database.name }, 'schema is current again');
  }
}

async function isBehind(database: Database, kind: DatabaseKind): Promise<boolean> {
  try {
    const [row] = await database.scoped(noTenant).query(appliedMigration);
    return isSchemaBehind(kind, row?.when ?? null);
  } catch (error) {
    // Never migrated, or not far enough for the application's role to look.
    const { sqlstate } = error instanceof DatabaseError ? error : { sqlstate: '' };
    if (sqlstate === undefinedTable || sqlstate === insufficientPrivilege || sqlstate === '3F000') return true;
    throw error;
  }
}
