import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { validRequest } from '@platen/chassis/testkit/security-table';
import type { SecurityWorld } from '@platen/chassis/testkit/security-table-attack';
import type { Platform } from './platform.js';
import type { Victim } from './samples-data.js';
import { jobMaker } from './samples-jobs.js';

/** The world's user, on the data plane. */
export const victimOf = (
  world: SecurityWorld,
  { data: send, databases }: Pick<Platform, 'data' | 'databases'>,
): Victim => ({
  newJob: jobMaker(databases['erp-1'].superuserUrl),
  sql: (text, values) => asSuperuser(databases['erp-1'].superuserUrl, (client) => client.query(text, [...values])),
  telemetrySql: (text, values) =>
    asSuperuser(databases['telemetry-1'].superuserUrl, (client) => client.query(text, [...values])),
  async call(contract, { params, body, headers }) {
    const sample = {
      ...(params && { params: params as Readonly<Record<string, string>> }),
      ...(body && { body: body as object }),
      ...(headers && { headers }),
    };
    const answer = await send(validRequest(contract, sample, world));
    if (answer.status !== contract.status) {
      throw new Error(`${contract.name} on the victim's rows: ${answer.status} ${answer.text}`);
    }
    // The caller's type is the contract's, and the coverage test holds answers against it.
    return answer.json as never;
  },
});
