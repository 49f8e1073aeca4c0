import { type Contract, listContracts } from '@platen/schema/contract';
import { controlContracts } from '@platen/schema/contracts/control/index';
import { dataContracts } from '@platen/schema/contracts/data/index';
import { controlInternalContracts, dataInternalContracts } from '@platen/schema/contracts/internal/index';
import { platformContracts } from '@platen/schema/contracts/platform/index';
import { errors } from '@platen/schema/errors';
import t from 'tap';
import { type Seen, send, sendBytes, startStandIns } from './stand-in-planes.fixture.js';
import { nginxIsMissing } from './test-proxy.js';

// Which requests get where, by a real nginx before stand-ins for the planes.
const planes = {
  control: [...listContracts(controlContracts), ...listContracts(platformContracts)],
  data: listContracts(dataContracts),
} as const satisfies Record<string, readonly Contract[]>;
const pathOf = ({ path }: Contract): string => path.replaceAll(/:\w+/g, '01930000-0000-7000-8000-000000000001');

t.test('paths', { skip: nginxIsMissing }, async (t) => {
  const { proxy, agent, control, first } = await startStandIns(t);
  const get = (path: string) => send(proxy.port, 'GET', path, { agent });

  await t.test('each endpoint gets to its plane, as it was sent', async (t) => {
    for (const [plane, contracts] of Object.entries(planes)) {
      const wrong: string[] = [];
      for (const contract of contracts) {
        const path = `${pathOf(contract)}?limit=5`;
        const body = contract.method === 'GET' ? {} : { body: '{}' };
        const { status, body: text } = await send(proxy.port, contract.method, path, { agent, ...body });
        const seen = status === 200 ? (JSON.parse(text) as Seen) : undefined;
        if (seen?.plane !== plane || seen.url !== path || seen.method !== contract.method) wrong.push(contract.name);
      }
      t.same(wrong, [], `${contracts.length} of the ${plane} plane`);
    }
    for (const plane of ['control', 'data']) {
      for (const path of [`/docs/${plane}`, `/docs/${plane}/assets/1/viewer.js`, `/openapi/${plane}.json`]) {
        t.equal((JSON.parse((await get(path)).body) as Seen).plane, plane, path);
      }
    }
  });

  await t.test('nothing else gets anywhere, however it is written', async (t) => {
    const before = control.seen.length + first.seen.length;
    const internal = [...listContracts(controlInternalContracts), ...listContracts(dataInternalContracts)];
    const prefixes = new Set(internal.map(({ path }) => path).filter((path) => !path.startsWith('/.well-known/')));
    const paths = [
      ...[...prefixes].map((path) => path.replaceAll(/:\w+/g, 'x')),
      ...['/metrics', '/ready', '/health', '/', '/api', '/api/', '/apis/erp', '/API/ERP/quotes', '/platform', '/docs'],
      ...['//internal/token', '/%69nternal/token', '/%2569nternal/token', '/internal%2ftoken', '/./internal/token'],
      ...['/api/../internal/token', '/api/erp/../../internal/token', '/api/erp/%2e%2e/%2e%2e/internal/token'],
      ...['/api/erp/..%2f..%2finternal/token', '/api/erp/..\\..\\internal', '/api/erp/%5c..%5cinternal'],
      ...['/internal/../api/erp/quotes', '/metrics/../api/erp/quotes', '/api//erp/quotes', '//api/erp/quotes'],
      ...['/api/erp/quotes/.', '/api/erp/quotes/..', '/api/erp/./quotes', '/api/erp/%00', '/internal#/../api/erp'],
      ...['/ready?/../api/erp/quotes', '/api/erpx', '/api/telemetryx/readings', '/api/.well-known/jwks.json'],
      ...['/.well-known/jwks.jsonx', '/openapi/dataxjson', '/api/auth%2f..%2f..%2fmetrics', '/internal/token;/api/erp'],
    ];
    for (const path of paths) {
      const answer = await sendBytes(
        proxy.port,
        `GET ${path} HTTP/1.1\r\nHost: acme.example.com\r\nConnection: close\r\n\r\n`,
      );
      t.match(answer, /^HTTP\/1\.1 40[04] /, path);
    }
    t.equal(control.seen.length + first.seen.length, before, 'no plane has seen any of them');
  });

  await t.test('odd requests are refused', async (t) => {
    const before = control.seen.length + first.seen.length;
    const path = '/api/erp/quotes';
    const odd = {
      'a whole address': `GET http://evil.example.com${path} HTTP/1.1\r\nHost: acme.example.com\r\n`,
      'no host': `GET ${path} HTTP/1.1\r\n`,
      'two hosts': `GET ${path} HTTP/1.1\r\nHost: acme.example.com\r\nHost: globex.example.com\r\n`,
      'a host with a path': `GET ${path} HTTP/1.1\r\nHost: acme.example.com/evil\r\n`,
      'an asterisk': `OPTIONS * HTTP/1.1\r\nHost: acme.example.com\r\n`,
      'a tunnel': `CONNECT 127.0.0.1:4100 HTTP/1.1\r\nHost: acme.example.com\r\n`,
      'two lengths': `POST ${path} HTTP/1.1\r\nHost: acme.example.com\r\nContent-Length: 1\r\nContent-Length: 2\r\n`,
      'length and chunks': `POST ${path} HTTP/1.1\r\nHost: acme.example.com\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n`,
      'an unknown coding': `POST ${path} HTTP/1.1\r\nHost: acme.example.com\r\nTransfer-Encoding: xchunked\r\n`,
      'a large head': `GET ${path} HTTP/1.1\r\nHost: acme.example.com\r\nX-Large: ${'x'.repeat(70_000)}\r\n`,
    };
    for (const [what, head] of Object.entries(odd)) {
      const answer = await sendBytes(proxy.port, `${head}Connection: close\r\n\r\n`);
      t.match(answer, /^HTTP\/1\.1 (4\d\d|501) /, what);
    }
    t.equal(control.seen.length + first.seen.length, before, 'no plane has seen any of them');
  });

  await t.test('what it refuses itself it says as the planes do', async (t) => {
    const { status, headers, body: text } = await get('/internal/token');
    const problem = { type: 'urn:platen:error:route_not_found', code: 'route_not_found' };
    t.same(JSON.parse(text), { ...problem, ...errors.route_not_found });
    t.equal(status, 404);
    t.equal(headers['content-type'], 'application/problem+json');
    t.equal(headers['server'], 'nginx', 'without a version');
  });
});
