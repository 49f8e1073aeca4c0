import { randomUUID } from 'node:crypto';
import type { Sample } from '@platen/chassis/testkit/security-table-attack';
import type { RepricingPayload } from '@platen/schema/contracts/internal/repricing';
import type { DataSample, Victim } from './samples-data.js';
import { acme, acmePrint, mainStreet } from './world.js';

const scope = { organization_id: acmePrint.id, workspace_id: mainStreet.id };
const payload: RepricingPayload = { apply: false, customer_id: null, currency: null, price_on: null };

export const repricingSamples = (newCustomer: (victim: Victim) => Promise<{ id: string }>) => ({
  'erp.repricing.start': async (victim: Victim): Promise<DataSample> => {
    const { id } = await newCustomer(victim);
    return { body: { customer_id: id }, foreign: 'unknown_reference', ids: [id] };
  },
  'erp.repricing.rows': async (victim: Victim): Promise<DataSample> => {
    const { id } = await victim.newJob('queued', { kind: 'repricing', payload });
    return { params: { id }, foreign: 'not_found', ids: [id], ofWorkspace: true };
  },
});

export const repricingWorkSamples = {
  'internal.repricing.request': async (): Promise<Sample> => ({
    params: { tenant_id: acme.id },
    body: {
      ...scope,
      event_id: randomUUID(),
      rule_set_version_id: randomUUID(),
      currency: 'EUR',
      valid_from: '2026-03-01T00:00:00.000Z',
    },
  }),
  'internal.repricing.batch': async ({ victim }: { victim: Victim }): Promise<Sample> => {
    const { id, owner } = await victim.newJob('running', { kind: 'repricing', payload });
    return { params: { tenant_id: acme.id, id }, body: { ...scope, owner, attempt: 1, limit: 1 } };
  },
};
