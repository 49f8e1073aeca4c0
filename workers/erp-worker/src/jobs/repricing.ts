import type { DataInternalClient } from '@platen/sdk/internal';
import type { JobProcessor } from './processor.js';

/** Open quotes in batches; the plane prices them and keeps the report, so that an attempt goes on where another ended. */
export const repricingProcessor = ({ repricing }: Pick<DataInternalClient, 'repricing'>): JobProcessor => ({
  async run(job, { scope, holder, correlationId, signal, progress }) {
    for (let cursor = job.cursor; ; ) {
      const { tenant_id, organization_id, workspace_id } = scope;
      const place = { tenant_id, organization_id, workspace_id, id: job.id, ...holder };
      const batch = await repricing.batch({ ...place, ...(cursor !== null && { cursor }) }, { correlationId, signal });
      if (batch.cursor === null) {
        progress(batch.done, batch.total);
        return batch.result;
      }
      progress(batch.done, batch.total, batch.cursor);
      cursor = batch.cursor;
    }
  },
});
