import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { metricKinds } from '../../states/telemetry.js';
import {
  closed,
  Id,
  IdParams,
  literals,
  Name,
  nullable,
  page,
  pageQuery,
  partial,
  stamps,
  Version,
} from '../shapes.js';
import { MachineCode, Search } from './telemetry-devices.js';

const Unit = nullable(
  Type.String({
    minLength: 1,
    maxLength: 32,
    pattern: '^[!-~]+$',
    description: 'UCUM; null: a mere number',
    examples: ['Cel'],
  }),
);
const Interval = nullable(
  Type.Integer({
    minimum: 1,
    maximum: 31 * 24 * 3_600_000,
    description: 'How often it is measured: three times as long without a reading is a gap. null: no gaps are told',
    examples: [1_000],
  }),
);

export const Metric = closed({
  id: Id,
  code: { ...MachineCode, examples: ['temperature'] },
  name: Name,
  unit: Unit,
  /** `counter`: it only grows until it begins again; `state`: a number that stands for a mode. */
  kind: literals(metricKinds),
  expected_interval_ms: Interval,
  version: Version,
  ...stamps,
});
const changeable = {
  code: { ...MachineCode, examples: ['temperature'] },
  name: Name,
  unit: Type.Optional(Unit),
  expected_interval_ms: Type.Optional(Interval),
};

export const metrics = contracts('telemetry.metrics', {
  list: {
    method: 'GET',
    path: '/api/telemetry/metrics',
    access: requires('telemetry.device.read'),
    summary: 'List metrics, newest first',
    query: closed({
      ...pageQuery,
      kind: Type.Optional(literals(metricKinds)),
      q: Type.Optional({ ...Search, description: 'Part of the code or the name' }),
    }),
    status: 200,
    response: page(Metric),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/telemetry/metrics/:id',
    access: requires('telemetry.device.read'),
    summary: 'Get a metric',
    params: IdParams,
    status: 200,
    response: Metric,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/telemetry/metrics',
    access: requires('telemetry.metric.write'),
    summary: 'Create a metric',
    description:
      'What devices of all workspaces of the organization measure. Its kind stays: readings are summed up by it.',
    body: closed({ ...changeable, kind: literals(metricKinds) }),
    status: 201,
    response: Metric,
    versioned: true,
    errors: ['duplicate'],
  },
  update: {
    method: 'PATCH',
    path: '/api/telemetry/metrics/:id',
    access: requires('telemetry.metric.write'),
    summary: 'Change a metric',
    params: IdParams,
    body: partial(changeable),
    status: 200,
    response: Metric,
    versioned: true,
    errors: ['duplicate', 'version_mismatch'],
  },
});
