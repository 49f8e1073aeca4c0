import t from 'tap';
import { bootstrapSigningKey, createTextCipher, deriveKey } from '../modules/keys/index.js';
import { hashServiceSecret } from '../modules/service-tokens/index.js';
import { serviceSecrets, startControlPlane } from '../test/control-plane.js';
import { readSeedConfig } from './config.js';
import { seedControlPlane } from './seed.js';

t.test('a second run changes nothing', async (t) => {
  const plane = await startControlPlane(t);
  const { platformDb: db, passwords } = plane;
  const input = { db, passwords, baseDomain: 'localhost', demo: true, serviceSecrets };
  const state = () =>
    plane.sql(
      `select (select count(*) from control_changes) as changes, (select count(*) from res_user_roles) as roles,
         (select string_agg(password_hash, ',' order by id) from res_users) as hashes`,
    );
  await plane.sql(`update res_users set name = 'Renamed' where email = 'sales@acme.test'`);
  const before = await state();
  t.same(await seedControlPlane(input), { changed: false });
  t.same(await state(), before);

  await t.test('but what a release adds is told', async (t) => {
    await plane.sql(
      `delete from res_role_permissions where permission_id = (select id from res_permissions where code = 'erp.quote.send')`,
    );
    t.same(await seedControlPlane(input), { changed: true });
    const [tenant] = await plane.sql<{ told: string }>(
      `select (select max((payload ->> 'authz_epoch')::int) from control_changes
         where kind = 'tenant' and tenant_id = t.id) = t.authz_epoch as told from tenants t where slug = 'acme'`,
    );
    t.equal(tenant?.told, 't');
  });

  await t.test('but what an operator made of a plan or a product stays', async (t) => {
    const sold = () =>
      plane.sql(
        `select (select string_agg(plan_id || ' ' || module_id, ',' order by plan_id, module_id) from platform_plan_modules) as modules,
           (select string_agg(plan_id || limit_code || value, ',' order by plan_id, limit_code) from platform_plan_limits) as limits,
           (select string_agg(name, ',' order by code) from platform_plans) as plans,
           (select string_agg(name || position, ',' order by code) from platform_products) as products`,
      );
    const removed = `where module_id = (select id from platform_product_modules where code = 'platform.api')`;
    await plane.sql(`delete from platform_plan_modules ${removed}`);
    await plane.sql('update platform_plan_limits set value = value + 7');
    await plane.sql(`update platform_plans set name = name || ' plus'`);
    await plane.sql(`update platform_products set name = 'Renamed', position = position + 5 where code = 'erp'`);
    const edited = await sold();
    await seedControlPlane(input);
    t.same(await sold(), edited);
  });

  await t.test(
    'but a secret and scopes that an operator changed stay, until the environment has another',
    async (t) => {
      const account = async () =>
        (
          await plane.sql<{ secret_hash: string; scopes: string[] }>(
            `select secret_hash, to_json(scopes)::text as scopes from platform_service_accounts where code = 'erp-worker'`,
          )
        )[0];
      const rotated = hashServiceSecret('rotated, because the first one leaked');
      await plane.sql(
        `update platform_service_accounts set secret_hash = $1, scopes = '{outbox}' where code = 'erp-worker'`,
        [rotated],
      );
      await seedControlPlane(input);
      t.match(await account(), { secret_hash: rotated, scopes: '["outbox"]' });
      // What a release added: a scope that was not among the seeds before.
      await plane.sql(
        `update platform_service_accounts set seeded_scopes = '{outbox,erp.mail,erp.job,erp.quote.expiry}' where code = 'erp-worker'`,
      );
      await seedControlPlane(input);
      t.match(await account(), { secret_hash: rotated, scopes: '["outbox","account.mail"]' });
      const secrets = { ...serviceSecrets, erpWorker: 'a new one from the environment' };
      await seedControlPlane({ ...input, serviceSecrets: secrets });
      t.match(await account(), {
        secret_hash: hashServiceSecret(secrets.erpWorker),
        scopes: '["outbox","account.mail"]',
      });
    },
  );

  await t.test('a bit is never given to another permission', async (t) => {
    await plane.sql(`update res_permissions set bit = 4000 where code = 'erp.quote.send'`);
    await t.rejects(seedControlPlane(input), /bits are never given anew: erp.quote.send/);
  });

  await t.test('there is one first key, however many make it', async (t) => {
    await plane.sql('delete from platform_signing_keys');
    const cipher = createTextCipher(deriveKey(Buffer.alloc(32).toString('base64'), 'signing-keys'));
    const made = await Promise.all([1, 2, 3].map(() => bootstrapSigningKey(db, cipher)));
    t.equal(made.filter((kid) => kid !== null).length, 1);
    const [key] = await plane.sql<{ private_key_encrypted: string }>(
      'select private_key_encrypted from platform_signing_keys',
    );
    t.notMatch(key?.private_key_encrypted, /BEGIN|PRIVATE/);
  });
});

t.test('production takes no development default', async (t) => {
  const env = { NODE_ENV: 'production', CONTROL_PLATFORM_DB_URL: 'postgres://db' };
  t.throws(
    () => readSeedConfig(env),
    /KEY_ENCRYPTION_KEY.*SEED_DATA_PLANE_SECRET.*SEED_ERP_WORKER_SECRET.*SEED_TELEMETRY_WORKER_SECRET/s,
  );
});
