import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { closed, nullable, Timestamp, Version } from '../shapes.js';

/** A late reading is computed from all of its day, which has to be there. */
export const retentionDays = { least: 2, most: 3_660 } as const;

const days = (description: string, example: number) =>
  Type.Integer({ minimum: retentionDays.least, maximum: retentionDays.most, description, examples: [example] });
const fields = {
  raw_days: days('How long readings are kept as they came', 90),
  rollup_days: days('How long minutes, hours and days computed of them are: no less', 1_100),
};

export const Retention = closed({
  ...fields,
  /** Of what holds where nobody has said otherwise: 1. */
  version: Version,
  /** null: nobody has. */
  updated_at: nullable(Timestamp),
});

const whole =
  'Days are those of UTC. What is older goes within a day, of all devices of the organization. What is measured longer ago than readings are kept is refused.';

export const telemetryRetention = contracts('telemetry.retention', {
  get: {
    method: 'GET',
    path: '/api/telemetry/retention',
    access: requires('telemetry.reading.read'),
    summary: 'Get how long readings are kept',
    description: whole,
    status: 200,
    response: Retention,
    versioned: true,
  },
  update: {
    method: 'PUT',
    path: '/api/telemetry/retention',
    access: requires('telemetry.retention.write'),
    summary: 'Change how long readings are kept',
    description: `${whole} What has gone does not come back when they are kept for longer again.`,
    body: closed(fields),
    status: 200,
    response: Retention,
    versioned: true,
    errors: ['version_mismatch'],
  },
});
