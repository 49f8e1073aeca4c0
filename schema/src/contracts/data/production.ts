import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { wipPolicies } from '../../states/production-job.js';
import { Code, closed, Id, IdParams, literals, Name, nullable, partial, stamps, Version } from '../shapes.js';
import { JobCard } from './production-jobs.js';

const WipLimit = Type.Integer({
  minimum: 1,
  maximum: 10_000,
  description: 'Open jobs that the stage takes, in each workspace',
});
const stage = {
  id: Id,
  code: Code,
  name: Name,
  position: Type.Integer(),
  wip_limit: nullable(WipLimit),
  /** Beyond the limit: `warn` takes the job and says so, `block` refuses it. */
  wip_policy: literals(wipPolicies),
  /** A job is moved here only with artwork that is approved as it stands. */
  requires_artwork: Type.Boolean(),
  version: Version,
};
export const ProductionStage = closed({ ...stage, ...stamps });
const fields = {
  name: Name,
  position: Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'From left to right' }),
  wip_limit: Type.Optional({ ...nullable(WipLimit), description: 'null: no limit' }),
  wip_policy: Type.Optional(literals(wipPolicies)),
  requires_artwork: Type.Optional(Type.Boolean()),
};

/** The stages of an organization's board, which are its own: the standard ones until it makes others of them. */
export const productionStages = contracts('erp.production.stages', {
  list: {
    method: 'GET',
    path: '/api/erp/production/stages',
    access: requires('erp.production_job.read'),
    summary: 'List the stages, from left to right',
    status: 200,
    response: closed({ items: Type.Array(ProductionStage) }),
  },
  create: {
    method: 'POST',
    path: '/api/erp/production/stages',
    access: requires('erp.production_stage.write'),
    summary: 'Create a stage',
    body: closed({ code: Code, ...fields }),
    status: 201,
    response: ProductionStage,
    versioned: true,
    errors: ['duplicate'],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/production/stages/:id',
    access: requires('erp.production_stage.write'),
    summary: 'Change a stage',
    description: 'Jobs that stand there stay, whatever the new limit says.',
    params: IdParams,
    body: partial(fields),
    status: 200,
    response: ProductionStage,
    versioned: true,
    errors: ['version_mismatch'],
  },
  delete: {
    method: 'DELETE',
    path: '/api/erp/production/stages/:id',
    access: requires('erp.production_stage.write'),
    summary: 'Remove a stage that no job stands in',
    params: IdParams,
    status: 204,
    errors: ['in_use', 'version_mismatch'],
  },
});

const BoardStage = closed({
  ...stage,
  /** Cards here; the limit holds for those of one workspace. */
  count: Type.Integer({ minimum: 0 }),
  /** From top to bottom. */
  cards: Type.Array(JobCard),
});

export const productionBoard = contracts('erp.production.board', {
  get: {
    method: 'GET',
    path: '/api/erp/production/board',
    access: requires('erp.production_job.read'),
    summary: 'Get the whole board: stages with their cards',
    description:
      'Follow it with the stream of events from `position` on. Some of what comes first may be in the board already: leave what is of no later version than the card.',
    status: 200,
    response: closed({
      stages: Type.Array(BoardStage),
      position: Type.String({
        pattern: '^\\d{1,19}$',
        description: 'Where the stream of events begins',
        examples: ['4711'],
      }),
    }),
  },
});
