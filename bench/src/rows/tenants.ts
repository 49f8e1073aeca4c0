import { listOrderIds } from '../environment/erp-data.js';
import { type BenchPlatform, runSql, type Services } from '../environment/platform.js';
import { signIn } from '../environment/sign-in.js';
import { type Comparison, type Contender, compareOverHttp } from '../measure/compare.js';
import { residentMb } from '../measure/cpu.js';
import { microsOf } from './reads.js';
import type { Row } from './row.js';
import { filledErp } from './services.js';

const host = 'acme.localhost';
const manyTenants = 10_000;
const fewTenants = 10;

/** Both planes on a control database of their own with this many tenants, each with one organization. */
async function startWith(platform: BenchPlatform, count: number): Promise<Services> {
  const url = await platform.addControlDatabase(`bench_control_${count}`);
  await runSql(
    url('superuser'),
    `with model as (select * from tenants where slug = 'acme'), numbered as (
        select n, ('01970000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid as id from generate_series(4, $1::int) n
      ), made as (
        insert into tenants (id, slug, name, status, plan_id, erp_db_key)
        select numbered.id, 'tenant-' || n, 'Tenant ' || n, 'active', model.plan_id, model.erp_db_key from numbered, model
        returning id, slug
      )
      insert into tenant_domains (tenant_id, id, domain, kind, verified_at)
        select id, id, slug || '.example.test', 'custom', now() from made`,
    [count],
  );
  const services = await platform.another((databases) => ({
    ...databases,
    controlTenantUrl: url('control_tenant'),
    controlPlatformUrl: url('control_platform'),
  }));
  await services.start('control-plane');
  return services;
}

export const tenants: Row = {
  name: 'tenants',
  title: `The same read with ${manyTenants} tenants in memory, against ${fewTenants}`,
  needsCpu: true,
  async run(context) {
    const platform = await context.platform();
    await filledErp(platform);
    const ids = await listOrderIds(platform.superuserUrl('erp-1'), 200);
    const requests = ids.map((id) => ({ method: 'GET' as const, path: `/api/erp/orders/${id}` }));
    const contenders: Contender[] = [];
    const memory: string[] = [];
    const running: { stop(): Promise<void> }[] = [];
    for (const count of [fewTenants, manyTenants]) {
      const services = await startWith(platform, count);
      const { accessToken } = await signIn(services.urls.control, host, 'sales@acme.test');
      const service = await services.start('data-plane');
      running.push(service);
      memory.push(`${residentMb(service.pid)?.toFixed(0) ?? '?'} MB`);
      const headers = { host, authorization: `Bearer ${accessToken}`, 'x-correlation-id': 'bench-0123456789' };
      contenders.push({ name: `${count} tenants`, url: services.urls.data, pid: service.pid, headers, requests });
    }
    const [few, many] = (await compareOverHttp(contenders, {
      load: context.load,
      postgresPid: platform.postgresPid,
      rounds: context.effort.rounds,
      amount: Math.round(12_000 * context.effort.scale),
      connections: 64,
    })) as [Comparison, Comparison];
    for (const service of running) await service.stop();
    return [
      {
        label: `${manyTenants} tenants`,
        unit: 'R',
        value: many.relative,
        must: 1.15,
        goal: 1.05,
        detail: `${microsOf(many)}; baseline ${microsOf(few)}; resident ${memory[1]}, baseline ${memory[0]}`,
      },
    ];
  },
};
