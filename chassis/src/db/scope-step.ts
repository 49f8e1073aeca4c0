import { statement } from './statement.js';
import type { Scope, Statement, Value } from './types.js';
import { toTexts } from './values.js';
import { Step } from './wire/exchange.js';

/**
 * Sets the scope for the transaction it runs in, be it one Sync. set_config() never answers null, so each condition is false
 * and all three are evaluated; that no row comes back saves the answer's bytes and their parsing.
 */
const scopeText = `select where set_config('app.tenant_id', $1, true) is null
     or set_config('app.organization_id', $2, true) is null
     or set_config('app.workspace_id', $3, true) is null`;
const setScope = statement<never>('platen.set_scope', scopeText);
const setScopeInIndexOrder = statement<never>(
  'platen.set_scope_in_index_order',
  `${scopeText}
     or set_config('enable_sort', 'off', true) is null`,
);

/** An unset setting is '', which the policies read as null. `declared`: the one statement that it is for. */
export function scopeStep(scope: Scope, declared?: Statement<unknown>): Step {
  const setting = declared?.inIndexOrder === true ? setScopeInIndexOrder : setScope;
  return new Step(setting, [scope.tenantId, scope.organizationId ?? '', scope.workspaceId ?? ''], false);
}

export function stepOf(declared: Statement<unknown>, values: readonly Value[] | undefined, collect = true): Step {
  return new Step(declared, toTexts(values), collect);
}
