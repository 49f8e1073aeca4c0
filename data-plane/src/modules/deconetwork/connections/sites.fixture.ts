import type { AccessTokenParts } from '@platen/chassis/testkit/tokens';
import type { Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import type { TestTenant } from '../../../testkit/test-plane.js';
import { openJobs } from '../../jobs/jobs.fixture.js';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
type Step = 'open' | 'tested' | 'rejected';
/** A job in the hands of a worker. */
export interface Held {
  readonly id: string;
  readonly holder: Readonly<Record<'owner' | 'organization_id', string>> & {
    readonly attempt: number;
    readonly workspace_id: string | null;
  };
}

export const siteUser = 'api@teamwear.example';
export const sitePassword = 'Tr0ub4dor-canary-pässwort';

/** A plane whose people connect sites, and a worker that looks after their jobs. */
export async function openSites(t: Test) {
  const plane = await openJobs(t);
  const acme = plane.addTenant('acme', 'erp_1');
  const [shop] = acme.organizationIds;
  const [main] = acme.workspaceIds;
  let sites = 0;
  const newSite = () => `https://shop-${++sites}.teamwear.example`;

  const as = (parts: AccessTokenParts = {}, tenant: TestTenant = acme) => {
    const token = plane.token(tenant, { ...(tenant === acme && { ws: main }), ...parts });
    return (method: Method, url: string, payload?: object, headers: Record<string, string> = {}) =>
      plane.call(tenant, token, { method, url: `/api/erp/dn/${url}`, headers, ...(payload && { payload }) });
  };
  const inMain = as();
  const internal = async (tenantId: string, id: string, step: string, body: object) => {
    const { statusCode: status, body: text } = await plane.app.internal.inject({
      method: 'POST',
      url: `/internal/tenants/${tenantId}/jobs/${id}/${step}`,
      payload: body,
      headers: {
        'x-correlation-id': `test-${uuidv7()}`,
        authorization: `Bearer ${plane.issuer.serviceToken(['erp.job'])}`,
      },
    });
    return { status, text, body: text === '' ? undefined : JSON.parse(text) };
  };

  /** As somebody in the workspace main, unless told otherwise. */
  const connect = async (more: object = {}, call = inMain) => {
    const body = { name: 'Teamwear', site_url: newSite(), username: siteUser, password: sitePassword, ...more };
    const answer = await call('POST', 'connections', body);
    if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
    return answer.body;
  };
  const openJobsOf = (connectionId: string) =>
    plane.sql<{ id: string; status: string; task: string; payload: object }>(
      `select id, status, payload ->> 'task' as task, payload from erp_jobs
       where finished_at is null and exclusive_key = $1 order by id`,
      [`dn:${connectionId}`],
    );
  const claim = async (id: string, workspaceId: string | null = main): Promise<Held> => {
    const owner = uuidv7();
    const scope = { organization_id: shop, workspace_id: workspaceId };
    const { body } = await internal(acme.id, id, 'claim', { ...scope, owner });
    if (!body.job) throw new Error(`not given: ${body.refused}`);
    return { id, holder: { ...scope, owner, attempt: body.job.attempt } };
  };
  const step = ({ id, holder }: Held, name: Step, body: object = {}, tenantId = acme.id) =>
    internal(tenantId, id, `deconetwork/${name}`, { ...holder, ...body });
  const end = async ({ id, holder }: Held, result: object) => {
    const { status, text } = await internal(acme.id, id, 'complete', { ...holder, result });
    if (status !== 200) throw new Error(text);
  };
  const outcome = (code: string) => ({ at: '2026-03-01T09:30:00.000Z', code, message: code, checks: [] });

  return {
    ...plane,
    acme,
    shop,
    main,
    as,
    inMain,
    internal,
    newSite,
    connect,
    openJobsOf,
    claim,
    step,
    end,
    outcome,
    /** The test that waits, done by a worker. */
    async passTest(connectionId: string, code = 'ok', fieldMap: object = {}, workspaceId: string | null = main) {
      const waiting = (await openJobsOf(connectionId)).find(({ task }) => task === 'test');
      if (!waiting) throw new Error('no test waits');
      const held = await claim(waiting.id, workspaceId);
      const opened = await step(held, 'open');
      const { body } = await step(held, 'tested', { test: outcome(code), field_map: fieldMap });
      await end(held, body.result);
      return opened;
    },
    /** As if somebody had cancelled them. */
    endJobsOf: (connectionId: string) =>
      plane.sql(
        `with ended as (
           update erp_jobs set status = 'cancelled', lease_owner = null, lease_until = null, finished_at = now()
           where exclusive_key = $1 and finished_at is null returning id)
         delete from due_work where ref_id in (select id from ended)`,
        [`dn:${connectionId}`],
      ),
    get: async (id: string) => (await inMain('GET', `connections/${id}`)).body,
    /** Not to the millisecond, to which columns round up. */
    dueOf: (id: string) =>
      plane.sql<{ wait: number; workspace_id: string | null }>(
        `select round(extract(epoch from due_at - now()), 2)::float8 as wait, workspace_id from due_work
         where kind = 'dn_sync_due' and ref_id = $1`,
        [id],
      ),
  };
}
export type Sites = Awaited<ReturnType<typeof openSites>>;
