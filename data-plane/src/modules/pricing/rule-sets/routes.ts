import type { Implementation } from '@platen/chassis/http/types';
import { ruleSets, rules, versions } from '@platen/schema/contracts/data/rule-sets';
import type { Tenant } from '../../../feed/tenant.js';
import { implement } from '../../module.js';
import type { RuleService } from './rules-service.js';
import type { RuleSetService } from './service.js';

export const ruleSetRoutes = (service: RuleSetService, drafts: RuleService): Implementation<Tenant>[] => [
  implement(ruleSets.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(ruleSets.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(ruleSets.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(ruleSets.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
  implement(ruleSets.retire, ({ ctx, params }) => service.retire(ctx, params.id)),
  implement(ruleSets.lint, ({ ctx, params }) => service.lint(ctx, params.id)),
  implement(ruleSets.publish, ({ ctx, params, body }) => service.publish(ctx, params.id, body)),
  implement(rules.list, ({ ctx, params, query }) => drafts.list(ctx, params.id, query)),
  implement(rules.replace, ({ ctx, params, body }) => drafts.replace(ctx, params.id, body.rules)),
  implement(rules.create, ({ ctx, params, body: { rule, ...place } }) => drafts.create(ctx, params.id, rule, place)),
  implement(rules.update, ({ ctx, params, body }) => drafts.update(ctx, params.id, params.rule_id, body.rule)),
  implement(rules.move, ({ ctx, params, body }) => drafts.move(ctx, params.id, params.rule_id, body)),
  implement(rules.delete, ({ ctx, params }) => drafts.delete(ctx, params.id, params.rule_id)),
  implement(versions.list, ({ ctx, params, query }) => service.listVersions(ctx, params.id, query)),
  implement(versions.get, ({ ctx, params }) => service.getVersion(ctx, params.id, params.version_id)),
];
