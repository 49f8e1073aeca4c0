import { randomUUID } from 'node:crypto';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { until } from '@platen/chassis/testkit/until';
import { plans } from '@platen/schema/seeds/identities';
import type { Test as Tap } from 'tap';
import type { SendRaw } from './http.js';
import type { Platform } from './platform.js';
import { read, type Sites } from './revocations.js';
import { signIn } from './sign-in.js';
import { acme, allPermissions, forgerOf, globex } from './world.js';

/** Few enough to be used up in a moment. */
export const quota = 300;
const limited = { id: randomUUID(), slug: 'limited', organizationId: randomUUID() };

/** A tenant whose limit is for the quota's test alone; everybody else polls as fast as they like. */
export const setLimits = ({ control }: Platform['databases']): Promise<void> =>
  asSuperuser(control.superuserUrl, async (client) => {
    await client.query(
      `insert into tenants (id, slug, name, status, plan_id, erp_db_key) values ($1, $2, 'Limited', 'active', $3, 'erp-1')`,
      [limited.id, limited.slug, plans.starter.id],
    );
    await client.query(`insert into res_organizations (tenant_id, id, code, name) values ($1, $2, 'one', 'One')`, [
      limited.id,
      limited.organizationId,
    ]);
    await client.query(
      `insert into res_organization_settings
         (tenant_id, id, organization_id, currency, time_zone, locale, quote_prefix, order_prefix)
       values ($1, $2, $2, 'EUR', 'Europe/Berlin', 'en', 'Q', 'SO')`,
      [limited.id, limited.organizationId],
    );
    for (const [id, value] of [
      [limited.id, quota],
      [acme.id, null],
      [globex.id, null],
    ]) {
      await client.query(
        `insert into tenant_platform_limits (tenant_id, limit_code, value) values ($1, 'requests_per_minute', $2)`,
        [id, value],
      );
    }
  });

/** What of the quota is let through at the least. */
const promised = quota * 0.8;

/**
 * Three times the quota, half of it to each data plane, by somebody who has not asked before. More, if too little has been let
 * through by then: a plane may not have heard of Redis yet.
 */
export async function checkQuota(t: Tap, sites: Sites, when: string): Promise<{ admitted: number; seconds: number }> {
  const forger = await forgerOf(sites.platform);
  const { claims } = await signIn(sites.platform, 'admin@globex.test');
  const token = forger.sign({
    ...claims,
    sub: randomUUID(),
    sid: randomUUID(),
    tid: limited.id,
    tsl: limited.slug,
    org: limited.organizationId,
    prm: allPermissions,
  });
  const statuses = new Map<number, number>();
  const startedAt = performance.now();
  let sent = 0;
  const admittedSoFar = () => statuses.get(200) ?? 0;
  const isEnough = () => sent >= quota * 3 && (admittedSoFar() >= promised || sent >= quota * 20);
  const worker = async (data: SendRaw) => {
    while (!isEnough()) {
      sent += 1;
      const { status } = await read(data, limited.slug, token);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, i) => worker(sites.datas[i % 2 === 0 ? 0 : 1])));
  const seconds = (performance.now() - startedAt) / 1_000;
  const admitted = admittedSoFar();
  t.same([...statuses.keys()].sort(), [200, 429], 'answered or refused, and nothing else');
  t.ok(admitted >= promised, `${admitted} were let through`);
  for (const data of sites.datas) {
    const refused = await until(
      () => read(data, limited.slug, token),
      ({ status }) => status !== 200,
    );
    t.match(refused.json, { code: 'rate_limited' });
    t.ok(Number(refused.headers['retry-after']) > 0);
  }
  t.comment(
    `measured: ${when}: ${sent} requests in ${seconds.toFixed(1)} s over two data planes, quota ${quota}: ${admitted} let through`,
  );
  return { admitted, seconds };
}
