import type { StateMachine } from './machine.js';

export const dnConnectionStatuses = ['untested', 'active', 'paused', 'rejected'] as const;
export type DnConnectionStatus = (typeof dnConnectionStatuses)[number];

/** Only a test makes one `active`; what changes where or as whom it signs in makes it `untested`. */
export const dnConnectionMachine: StateMachine<DnConnectionStatus> = {
  initial: 'untested',
  moves: {
    untested: ['active', 'rejected', 'paused'],
    active: ['untested', 'paused', 'rejected'],
    paused: ['untested'],
    rejected: ['untested', 'paused'],
  },
};

/** What a map says is the same on both sides. Records of the first four are read from the site; a status is a word for it. */
export const dnMapKinds = ['product', 'variant', 'customer', 'order', 'purchase_order', 'status'] as const;
export type DnMapKind = (typeof dnMapKinds)[number];

/** `review`: waits for somebody to say what it is here. `ignored`: somebody said that it is nothing here. */
export const dnMapStates = ['review', 'mapped', 'ignored'] as const;
export type DnMapState = (typeof dnMapStates)[number];

/** By what a suggestion was found. */
export const dnSuggestionKinds = ['sku', 'code', 'email', 'name', 'number'] as const;
export type DnSuggestionKind = (typeof dnSuggestionKinds)[number];

/** Whose value stands where both sides changed the same field. `review`: nobody's, until a person says. */
export const dnConflictRules = ['site', 'platen', 'review'] as const;
export type DnConflictRule = (typeof dnConflictRules)[number];

/** What is read from the site, in this order: an order names customers and variants. */
export const dnRecordKinds = ['product', 'customer', 'order', 'inventory', 'purchase_order'] as const;
export type DnRecordKind = (typeof dnRecordKinds)[number];
/** Kinds that have an endpoint of their own; customers come with their orders. */
export const dnReadKinds = ['product', 'order', 'inventory', 'purchase_order'] as const;
export type DnReadKind = (typeof dnReadKinds)[number];

/** What a job of the kind `dn_sync` does. */
export const dnTasks = ['test', 'import', 'sync', 'retry', 'undo', 'compare', 'write'] as const;
export type DnTask = (typeof dnTasks)[number];
/** Those that leave rows, by which people see what became of each record. */
export const dnImportTasks = ['import', 'sync', 'retry', 'undo', 'compare'] as const;
export type DnImportTask = (typeof dnImportTasks)[number];

/**
 * What became of one record. `undone`, `refused`: of an undo. `differs`, `missing_here`, `missing_there`: of a comparison.
 * A record that is as it was leaves no row.
 */
export const dnOutcomes = [
  'created',
  'updated',
  'failed',
  'review',
  'undone',
  'refused',
  'differs',
  'missing_here',
  'missing_there',
] as const;
export type DnOutcome = (typeof dnOutcomes)[number];

/** What is written to the site. */
export const dnCallKinds = ['status', 'inventory', 'receipt'] as const;
export type DnCallKind = (typeof dnCallKinds)[number];
export const dnCallStates = ['pending', 'sent', 'done', 'failed', 'dropped'] as const;
export type DnCallState = (typeof dnCallStates)[number];

/** `sent`: the site may have it. It is sent again unless an answer came: at least once. `failed`: somebody may have it sent again. */
export const dnCallMachine: StateMachine<DnCallState> = {
  initial: 'pending',
  moves: {
    pending: ['sent', 'dropped'],
    sent: ['pending', 'done', 'failed'],
    done: [],
    failed: ['pending', 'dropped'],
    dropped: [],
  },
};
