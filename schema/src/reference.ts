import type { Access, Contract } from './contract.js';
import { listContracts } from './contract.js';
import { controlContracts } from './contracts/control/index.js';
import { dataContracts } from './contracts/data/index.js';
import { controlInternalContracts, dataInternalContracts } from './contracts/internal/index.js';
import { platformContracts } from './contracts/platform/index.js';
import { errors } from './errors.js';
import { permissions } from './permissions.js';

/** The reference pages of `docs/`, made from what is declared. */

const generated = '<!-- Generated from schema/src by `npm run docs:generate`; edits are lost. -->\n\n';
const row = (...cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  row(...head) + row(...head.map(() => '---')) + rows.map((cells) => row(...cells)).join('');

function accessText(access: Access): string {
  if (typeof access === 'string') return access;
  if ('service' in access) return `service token, scope \`${access.service}\``;
  if ('platform' in access) return `platform ${access.platform}`;
  return `\`${access.permission}\``;
}

const endpointRows = (contracts: readonly Contract[]) =>
  contracts.map((contract) => [
    `${contract.method} \`${contract.path}\``,
    contract.summary,
    accessText(contract.access),
    (contract.errors ?? []).map((code) => `\`${code}\``).join(' '),
  ]);

const surfaces = [
  ['Control plane, at a tenant’s host', controlContracts],
  ['Control plane, at the platform’s host', platformContracts],
  ['Data plane, at a tenant’s host', dataContracts],
  ['Control plane, internal listener', controlInternalContracts],
  ['Data plane, internal listener', dataInternalContracts],
] as const;

export function endpointsPage(): string {
  const sections = surfaces.map(
    ([title, tree]) =>
      `## ${title}\n\n${table(['endpoint', 'what', 'access', 'errors of its own'], endpointRows(listContracts(tree)))}`,
  );
  return `${generated}# Endpoints\n\nThe SDK method of each has the contract's name; \`/openapi/control.json\` and \`/openapi/data.json\` have the shapes.\n\n${sections.join('\n')}`;
}

export function errorsPage(): string {
  const rows = Object.entries(errors).map(([code, { status, title }]) => [`\`${code}\``, String(status), title]);
  return `${generated}# Errors\n\nEvery refusal is a problem document (RFC 9457, \`application/problem+json\`) with one of these codes.\n\n${table(['code', 'status', 'title'], rows)}`;
}

export function permissionsPage(): string {
  const rows = Object.entries(permissions).map(([code, entry]) => [
    `\`${code}\``,
    `\`${entry.module}\``,
    entry.description,
  ]);
  return `${generated}# Permissions\n\n${table(['permission', 'module', 'what it allows'], rows)}`;
}
