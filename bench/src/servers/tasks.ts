import { randomUUID } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { createTokenSigner, generateSigningKey } from '@platen/chassis/auth/signer';
import { openDatabase } from '@platen/chassis/db/database';
import { statement } from '@platen/chassis/db/statement';
import { createTestIssuer } from '@platen/chassis/testkit/tokens';
import pg from 'pg';
import postgres from 'postgres';
import { plainOrder, securedOrder } from './order-sql.js';

type Setup = Readonly<Record<string, unknown>>;
/** Makes what is done again and again. */
type Prepare = (setup: Setup) => Promise<() => Promise<unknown>>;

const text = (setup: Setup, name: string): string => {
  const value = setup[name];
  if (typeof value !== 'string') throw new TypeError(`${name} is missing`);
  return value;
};

/** Takes the ids in turns. */
function idsOf(setup: Setup): () => string {
  const ids = setup['ids'] as readonly string[];
  let next = 0;
  return () => ids[next++ % ids.length] as string;
}

const password = 'platen-demo-2026';

export const tasks: Readonly<Record<string, Prepare>> = {
  /** One named prepared statement over a pool, no isolation. */
  'plain read': async (setup) => {
    const pool = new pg.Pool({ connectionString: text(setup, 'plainUrl'), max: 10 });
    const id = idsOf(setup);
    const owner = [text(setup, 'tenantId'), text(setup, 'organizationId')];
    return () => pool.query({ name: 'order', text: plainOrder, values: [id(), ...owner] });
  },

  /** The product's own way: scope and statement in one Sync. */
  'one Sync': async (setup) => {
    const database = openDatabase({ name: 'bench', url: text(setup, 'securedUrl'), poolSize: 10 });
    const scope = {
      tenantId: text(setup, 'tenantId'),
      organizationId: text(setup, 'organizationId'),
      workspaceId: text(setup, 'workspaceId'),
    };
    const read = statement<{ body: string }>('bench.order', securedOrder);
    const id = idsOf(setup);
    return () => database.scoped(scope).query(read, [id()]);
  },

  /** Four round trips on a connection of the pool. */
  transaction: async (setup) => {
    const pool = new pg.Pool({ connectionString: text(setup, 'securedUrl'), max: 10 });
    const id = idsOf(setup);
    const scope = [text(setup, 'tenantId'), text(setup, 'organizationId'), text(setup, 'workspaceId')];
    const setScope = `select set_config('app.tenant_id', $1, true), set_config('app.organization_id', $2, true),
      set_config('app.workspace_id', $3, true)`;
    return async () => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await client.query({ name: 'scope', text: setScope, values: scope });
        await client.query({ name: 'order', text: securedOrder, values: [id()] });
        await client.query('commit');
      } finally {
        client.release();
      }
    };
  },

  /** 1,000 readings of 20 series as text into the table itself, which nobody but a superuser may. */
  'copy readings': async (setup) => {
    const sql = postgres(text(setup, 'superuserUrl'), { max: 1 });
    let at = Number(setup['fromMs']);
    return async () => {
      let lines = '';
      for (let place = 0; place < 1_000; place += 1) {
        const series = Math.floor(place / 50);
        const ts = new Date(at + (place % 50) * 100).toISOString();
        lines += `${text(setup, 'tenantId')}\t${(series >> 2) + 1}\t${(series & 3) + 1}\t${ts}\t${(at + place) / 7}\n`;
      }
      at += 5_000;
      const copy = await sql`copy tel_readings (tenant_id, device_no, metric_no, ts, value) from stdin`.writable();
      await new Promise<void>((resolve, reject) => {
        copy.once('finish', resolve).once('error', reject);
        copy.end(lines);
      });
    };
  },

  /** The password check alone, with the parameters of the product. */
  argon2: async () => {
    const stored = await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
    return () => verify(stored, password);
  },

  /** What a refresh cannot do without: one signature and one row written. */
  'sign and write': async (setup) => {
    const pool = new pg.Pool({ connectionString: text(setup, 'plainUrl'), max: 10 });
    await pool.query(
      'create table if not exists bench_writes (id uuid primary key, hash text not null, at timestamptz)',
    );
    const claims = createTestIssuer().accessClaims();
    const sign = createTokenSigner(await generateSigningKey('bench'));
    const write = { name: 'write', text: 'insert into bench_writes (id, hash, at) values ($1, $2, now())' };
    return async () => {
      const id = randomUUID();
      await pool.query({ ...write, values: [id, id] });
      return sign({ ...claims, jti: id });
    };
  },
};
