import type { Sample } from '@platen/chassis/testkit/security-table-attack';
import type { ExportPayload } from '@platen/schema/contracts/internal/export-rows';
import type { Platform } from './platform.js';
import type { DataSample, Victim } from './samples-data.js';
import { serviceToken } from './sign-in.js';
import { acme, acmePrint, mainStreet } from './world.js';

interface Maker {
  readonly victim: Victim;
  readonly platform: Platform;
}

/** What it would show of another organization is in no answer of it: the file is, which exports.db.test.ts looks into. */
export const exportSamples = {
  'erp.exports.create': async (): Promise<DataSample> => ({
    body: { resource: 'customers', format: 'csv' },
    foreign: 'unseen',
    ids: [],
  }),
};

const payload: ExportPayload = {
  resource: 'customers',
  format: 'csv',
  filter: {},
  columns: [{ key: 'code', type: 'text', header: 'Code' }],
  file_name: 'customers.csv',
  sheet_name: 'Customers',
  bom: false,
  today: '2026-03-01',
  time_zone: 'Europe/Berlin',
};

/** A running export and who has it. */
async function held(victim: Victim) {
  const { id, owner } = await victim.newJob('running', { kind: 'export', payload });
  const query = { organization_id: acmePrint.id, workspace_id: mainStreet.id, owner, attempt: '1' };
  return { params: { tenant_id: acme.id, id }, query };
}
const bytes = { body: Buffer.from('code\r\n'), headers: { 'content-type': 'application/octet-stream' } };

export const exportWorkSamples = {
  'internal.exportRows.list': async ({ victim }: Maker): Promise<Sample> => held(victim),
  'internal.jobFiles.list': async ({ victim }: Maker): Promise<Sample> => held(victim),
  'internal.jobFiles.put': async ({ victim }: Maker): Promise<Sample> => {
    const { params, query } = await held(victim);
    return { params, query: { ...query, name: 'customers.csv' }, ...bytes };
  },
  'internal.jobFiles.putPart': async ({ victim }: Maker): Promise<Sample> => {
    const { params, query } = await held(victim);
    return { params: { ...params, part: '0' }, query: { ...query, row_count: '1' }, ...bytes };
  },
  'internal.jobFiles.getPart': async ({ victim, platform }: Maker): Promise<Sample> => {
    const { params, query } = await held(victim);
    const token = await serviceToken(platform, 'erp-worker');
    const { status } = await platform.dataInternal({
      host: '127.0.0.1:1',
      method: 'POST',
      path: `/internal/tenants/${acme.id}/jobs/${params.id}/parts/0?${new URLSearchParams({ ...query, row_count: '1' })}`,
      headers: { authorization: `Bearer ${token}`, ...bytes.headers },
      body: bytes.body,
    });
    if (status !== 200) throw new Error(`the part was not stored: ${status}`);
    return { params: { ...params, part: '0' }, query };
  },
  'internal.jobFiles.deleteParts': async ({ victim }: Maker): Promise<Sample> => held(victim),
};
