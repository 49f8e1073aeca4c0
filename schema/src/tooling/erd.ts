import { fileURLToPath } from 'node:url';
import { getTableName, SQL } from 'drizzle-orm';
import { getTableConfig, type PgColumn, PgDialect, type PgTable } from 'drizzle-orm/pg-core';
import type { TableAccess } from '../access.js';
import type { DatabaseDeclaration } from '../databases.js';

export const erdPath = fileURLToPath(new URL('../../../docs/ERD.md', import.meta.url));

/** `docs/ERD.md` as the declarations have it. */
export function renderErd(databases: readonly DatabaseDeclaration[]): string {
  const head = [
    '# Tables',
    '',
    'Generated from `schema/src/tables` by `npm run docs:erd -w schema`; `npm run check` fails when it is stale.',
    'Keys and references begin with the columns that own the row. Who may see and write what is in the line under each name.',
  ];
  return `${[...head, ...databases.flatMap(renderDatabase)].join('\n')}\n`;
}

function renderDatabase(database: DatabaseDeclaration): string[] {
  return [
    '',
    `## ${database.title}`,
    ...Object.entries(database.areas).flatMap(([area, tables]) => [
      '',
      `### ${database.title}: ${area}`,
      '',
      ...renderDiagram(Object.values(tables)),
      ...Object.entries(tables).flatMap(([key, table]) => renderTable(table, database.access[key])),
    ]),
  ];
}

function renderDiagram(tables: readonly PgTable[]): string[] {
  const entities = tables.flatMap((table) => {
    const { columns } = getTableConfig(table);
    const primary = primaryColumns(table);
    const foreign = new Set(foreignKeys(table).flatMap(({ columns: names }) => names));
    return [
      `  ${getTableName(table)} {`,
      ...columns.map((column) => {
        const marks = [primary.has(column.name) && 'PK', foreign.has(column.name) && 'FK'].filter(Boolean).join(', ');
        return `    ${mermaidType(column)} ${column.name}${marks && ` ${marks}`}`;
      }),
      '  }',
    ];
  });
  const relations = tables.flatMap((table) =>
    foreignKeys(table).map(({ target, optional, own }) => {
      return `  ${target} ${optional ? '|o' : '||'}--o{ ${getTableName(table)} : ${own}`;
    }),
  );
  return ['```mermaid', 'erDiagram', ...entities, ...relations, '```'];
}

function renderTable(table: PgTable, access: TableAccess | undefined): string[] {
  const { columns, checks, uniqueConstraints } = getTableConfig(table);
  const grants = Object.entries(access?.grants ?? {}).map(([role, rights]) => `${role}: ${rights.join(', ')}`);
  const keys = [
    `primary key (${[...primaryColumns(table)].join(', ')})`,
    ...uniqueConstraints.map((key) => `unique (${key.columns.map((column) => column.name).join(', ')})`),
    ...foreignKeys(table).map((key) => `(${key.columns.join(', ')}) → ${key.target}`),
    ...checks.map((check) => `check ${inline(check.value)}`),
  ];
  return [
    '',
    `#### ${getTableName(table)}`,
    '',
    `*${access?.class}*${access?.view === undefined ? '' : `, through \`${access.view}\``} · ${grants.join(' · ')}`,
    '',
    '| column | type | null | default |',
    '|---|---|---|---|',
    ...columns.map(
      (column) =>
        `| \`${column.name}\` | ${column.getSQLType()} | ${column.notNull ? '' : 'yes'} | ${describeDefault(column)} |`,
    ),
    '',
    ...keys.map((key) => `- ${key}`),
  ];
}

function primaryColumns(table: PgTable): Set<string> {
  return new Set(getTableConfig(table).primaryKeys.flatMap((key) => key.columns.map((column) => column.name)));
}

interface ForeignKey {
  readonly columns: readonly string[];
  /** The column that is not merely the owner: what the reference is called. */
  readonly own: string;
  readonly target: string;
  readonly optional: boolean;
}

function foreignKeys(table: PgTable): ForeignKey[] {
  return getTableConfig(table).foreignKeys.map((key) => {
    const { columns, foreignTable } = key.reference();
    return {
      columns: columns.map((column) => column.name),
      own: columns.at(-1)?.name ?? '',
      target: getTableName(foreignTable),
      optional: columns.some((column) => !column.notNull),
    };
  });
}

/** Without precision: Mermaid takes neither spaces nor commas in a type. The table below the diagram has it in full. */
const mermaidType = (column: PgColumn): string =>
  column
    .getSQLType()
    .replace(/^timestamp.*with time zone$/, 'timestamptz')
    .replace(/\(.*\)/, '');

function describeDefault(column: PgColumn): string {
  if (column.generatedIdentity) return 'identity';
  const value = column.default;
  if (value === undefined) return '';
  return `\`${value instanceof SQL ? inline(value) : JSON.stringify(value)}\``;
}

const dialect = new PgDialect();
const inline = (value: SQL): string => dialect.sqlToQuery(value.inlineParams()).sql.replace(/\s+/g, ' ');
