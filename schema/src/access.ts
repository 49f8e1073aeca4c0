import { getTableName } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';

/**
 * Who may touch which rows: declared once per table (tables/*\/access.ts). The SQL of the migrations and what the
 * catalogue test expects of a live database both derive from it.
 */
export const appRoles = {
  control: ['control_tenant', 'control_platform'],
  erp: ['platen_app', 'platen_system'],
  telemetry: ['platen_app', 'platen_system'],
} as const;
export type DatabaseKind = keyof typeof appRoles;
export type AppRole = (typeof appRoles)[DatabaseKind][number];

/**
 * Own what looks past row-level security, and nothing else: the functions of a search (tables/erp/search.ts), the tables
 * of readings with their views and functions (tables/telemetry/storage.ts). Nobody logs in as them.
 */
export const definerRoles = {
  control: [],
  erp: ['platen_search'],
  telemetry: ['platen_readings'],
} as const satisfies Record<DatabaseKind, readonly string[]>;

export type Privilege = 'select' | 'insert' | 'update' | 'delete' | `update (${string})`;

export type TableClass =
  /** ERP: rows of an organization; a workspace's context sees the organization-wide rows and writes its own only. */
  | 'scoped'
  /** ERP: as `scoped`, and a workspace's context writes organization-wide rows too. */
  | 'shared'
  /** ERP: by tenant alone; the system role sees every tenant's rows. */
  | 'plumbing'
  /** ERP: about the database itself, so the system role's alone. */
  | 'database'
  /** Telemetry: rows of a tenant without row-level security and without a grant to anybody; its view has the grants. */
  | 'readings'
  /** Control: rows of a tenant; the platform role sees every tenant's. */
  | 'tenant'
  /** Control: the tenants themselves. */
  | 'tenant_root'
  /** Control: rows of a tenant, and rows of none that every tenant reads and none writes. */
  | 'tenant_or_system'
  /** Control: the same for every tenant, which reads it. */
  | 'catalogue'
  /** Control: the platform's alone: keys, secrets, instances. */
  | 'platform';

export interface TableAccess {
  readonly class: TableClass;
  readonly grants: { readonly [R in AppRole]?: readonly Privilege[] };
  /** Keys that don't begin with the row's owner, each with the reason. */
  readonly globalKeys?: Readonly<Record<string, string>>;
  /** Which rows the application may delete, where that is not every row that it sees: an SQL condition. */
  readonly deletable?: string;
  /** Of the class `readings`: the view that the grants are on. */
  readonly view?: string;
}

export interface Policy {
  readonly name: string;
  readonly role: AppRole;
  readonly command: 'all' | 'select' | 'insert' | 'update' | 'delete';
  readonly using?: string;
  readonly check?: string;
  /** Holds beside all others rather than in their place. */
  readonly restrictive?: true;
}

/**
 * A setting that was once set and is unset again reads as '', not null. As a scalar sub-select it is evaluated once per
 * statement, and compares with the index through a leakproof operator.
 */
const setting = (name: string) => `(select nullif(current_setting('app.${name}', true), '')::uuid)`;
/** Rows of the tenant that is set: what policies and the views of readings filter by. */
export const tenant = `tenant_id = ${setting('tenant_id')}`;
const organization = `${tenant} and organization_id = ${setting('organization_id')}`;
const workspace = setting('workspace_id');
const visible = `${organization} and (${workspace} is null or workspace_id is null or workspace_id = ${workspace})`;
const own = `${organization} and (${workspace} is null or workspace_id = ${workspace})`;

const every = (role: AppRole, using: string, check = using): Policy => ({
  name: `${role}_all`,
  role,
  command: 'all',
  using,
  check,
});
const reading = (role: AppRole, using: string): Policy => ({ name: `${role}_select`, role, command: 'select', using });

/**
 * The system role ends a tenant: it deletes that tenant's rows, in its scope. It may not select, so it learns nothing,
 * and a DELETE that names a column is refused.
 */
const purge: Policy = { name: 'platen_system_purge', role: 'platen_system', command: 'delete', using: tenant };

/** The policies of a class. Without one that holds for it, a role sees no row. */
export const policiesOf: { readonly [C in TableClass]: readonly Policy[] } = {
  // USING of update and delete is narrower than of select: else a workspace could take over, or delete, a row of the
  // whole organization.
  scoped: [
    reading('platen_app', visible),
    { name: 'platen_app_insert', role: 'platen_app', command: 'insert', check: own },
    { name: 'platen_app_update', role: 'platen_app', command: 'update', using: own, check: own },
    { name: 'platen_app_delete', role: 'platen_app', command: 'delete', using: own },
    purge,
  ],
  shared: [every('platen_app', visible), purge],
  plumbing: [every('platen_app', tenant), every('platen_system', 'true')],
  database: [every('platen_system', 'true')],
  readings: [],
  tenant: [every('control_tenant', tenant), every('control_platform', 'true')],
  tenant_root: [every('control_tenant', `id = ${setting('tenant_id')}`), every('control_platform', 'true')],
  tenant_or_system: [
    reading('control_tenant', `(tenant_id is null or ${tenant})`),
    { name: 'control_tenant_insert', role: 'control_tenant', command: 'insert', check: tenant },
    { name: 'control_tenant_update', role: 'control_tenant', command: 'update', using: tenant, check: tenant },
    { name: 'control_tenant_delete', role: 'control_tenant', command: 'delete', using: tenant },
    every('control_platform', 'true'),
  ],
  catalogue: [reading('control_tenant', 'true'), every('control_platform', 'true')],
  platform: [every('control_platform', 'true')],
};

/** The same of one table. */
export const policiesOfTable = ({ class: tableClass, deletable }: TableAccess): readonly Policy[] =>
  deletable === undefined
    ? policiesOf[tableClass]
    : [
        ...policiesOf[tableClass],
        { name: 'platen_app_deletable', role: 'platen_app', command: 'delete', using: deletable, restrictive: true },
      ];

/** Columns that say whose a row is: its keys begin with them. */
export const ownersOf: { readonly [C in TableClass]: readonly string[] } = {
  scoped: ['tenant_id', 'organization_id'],
  shared: ['tenant_id', 'organization_id'],
  plumbing: ['tenant_id'],
  database: [],
  readings: ['tenant_id'],
  tenant: ['tenant_id'],
  tenant_root: [],
  tenant_or_system: ['tenant_id'],
  catalogue: [],
  platform: [],
};

/**
 * An organization has one tenant. Without being told, the planner multiplies their selectivities, takes a list for a
 * handful of rows, and sorts all of an organization's instead of reading the index in order (measured: 3.9 against
 * 0.6 ms for 50 of 500 orders).
 */
const ownerStatistics = (name: string) =>
  `create statistics "${name}_owner" (dependencies) on tenant_id, organization_id from "${name}"`;

/**
 * Row-level security, policies, grants and owner statistics of one table, as a migration has them. Those of readings come
 * when they are partitioned (tables/telemetry/storage.ts).
 */
export function accessSql(table: PgTable, access: TableAccess): string[] {
  if (access.class === 'readings') return [];
  const name = `"${getTableName(table)}"`;
  const policies = policiesOfTable(access).map((policy) =>
    [
      `create policy "${policy.name}" on ${name}${policy.restrictive ? ' as restrictive' : ''} for ${policy.command} to ${policy.role}`,
      policy.using && `  using (${policy.using})`,
      policy.check && `  with check (${policy.check})`,
    ]
      .filter(Boolean)
      .join('\n'),
  );
  const grants = Object.entries(access.grants).map(
    ([role, privileges]) => `grant ${privileges.join(', ')} on ${name} to ${role}`,
  );
  return [
    `alter table ${name} enable row level security`,
    `alter table ${name} force row level security`,
    ...policies,
    ...grants,
    ...(ownersOf[access.class].includes('organization_id') ? [ownerStatistics(getTableName(table))] : []),
  ].map((statement) => `${statement};`);
}
