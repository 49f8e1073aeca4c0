import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findProgram, freePort } from '@platen/chassis/testkit/programs';
import t from 'tap';
import { proxyDefaults, readTemplate, renderProxy, serverLines, templateVariables } from './render.js';
import { checkConfiguration, nginxIsMissing } from './test-proxy.js';

const servers = { PROXY_CONTROL_SERVERS: serverLines([4000]), PROXY_DATA_SERVERS: serverLines([4001, 4002]) };
const root = new URL('../../../', import.meta.url);

t.test('every variable is filled in, and one without a value is named', async (t) => {
  const template = readTemplate();
  const names = templateVariables(template);
  t.same([...names].sort(), [...Object.keys(proxyDefaults), ...Object.keys(servers)].sort());
  t.notMatch(renderProxy(template, servers), /\$\{/);
  t.throws(() => renderProxy(template, {}), /PROXY_CONTROL_SERVERS, PROXY_DATA_SERVERS/);
  const page = readFileSync(new URL('docs/proxy.md', root), 'utf8');
  for (const name of names) t.match(page, new RegExp(`\`${name}\``), `${name} is on the page`);
});

t.test('npm run proxy:config prints it', async (t) => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const [, program = ''] = (scripts['proxy:config'] ?? '').split(' ');
  const printed = (env: Record<string, string>) =>
    spawnSync(process.execPath, [new URL(program, root).pathname], { env, encoding: 'utf8' });
  t.equal(printed(servers).stdout, renderProxy(readTemplate(), servers));
  t.match(printed({}), { status: 1, stderr: /^Not set: PROXY_CONTROL_SERVERS/ });
});

const opensslIsMissing = findProgram('openssl') === undefined && 'no openssl on the PATH';

t.test('with TLS, behind another proxy', { skip: nginxIsMissing || opensslIsMissing }, async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'platen-proxy-tls-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const [key, certificate] = [path.join(folder, 'key.pem'), path.join(folder, 'fullchain.pem')];
  const subject = ['-subj', '/CN=*.example.com', '-days', '2', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  execFileSync('openssl', ['req', '-x509', '-nodes', ...subject, '-keyout', key, '-out', certificate], {
    stdio: 'pipe',
  });
  const listen = `127.0.0.1:${await freePort()} ssl http2`;
  const site = renderProxy(readTemplate(), {
    ...servers,
    PROXY_LISTEN: listen,
    PROXY_TLS: `ssl_certificate ${certificate}; ssl_certificate_key ${key};`,
    PROXY_REAL_IP: 'set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For; real_ip_recursive on;',
    PROXY_ACCESS_LOG: path.join(folder, 'access.log'),
  });
  t.doesNotThrow(() => checkConfiguration(folder, site), 'nginx takes it');
  t.throws(() => checkConfiguration(folder, site.replace('proxy_buffering off', 'proxy_bufering off')));
});
