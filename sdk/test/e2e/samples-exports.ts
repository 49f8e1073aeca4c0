import type { DataSample } from './samples-data.js';

/** What it would show of another organization is in no answer of it: the file is, which exports.db.test.ts looks into. */
export const exportSamples = {
  'erp.exports.create': async (): Promise<DataSample> => ({
    body: { resource: 'customers', format: 'csv' },
    foreign: 'unseen',
    ids: [],
  }),
};
