import { Readable } from 'node:stream';
import { AppError } from '@platen/chassis/http/app-error';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import sharp from 'sharp';
import t from 'tap';
import { v7 } from 'uuid';
import { entityOfOrganization } from '../../feed/tenant.js';
import { mainStreet } from '../../test/sales.fixture.js';
import { testFiles } from '../../testkit/test-plane.js';
import type { PrintedDocument, Printer } from '../printing/index.js';
import { createPrinter } from '../printing/index.js';
import { acme, acmePrint, openDesk } from './desk.fixture.js';

t.test('quotes on paper', async (t) => {
  const real = createPrinter();
  t.teardown(() => real.close());
  const papers: PrintedDocument[] = [];
  const printer: Printer = {
    print: (document, tenantId) => {
      papers.push(document);
      return real.print(document, tenantId);
    },
    close: () => real.close(),
  };
  const files = testFiles(t);
  const desk = await openDesk(t, { printer, files });
  const get = (url: string, headers: Record<string, string> = { authorization: `Bearer ${desk.token()}` }) =>
    desk.plane.app.tenant.inject({ url, headers: { host: 'acme.localhost', ...headers } });
  const pdf = async (url: string, headers?: Record<string, string>) => {
    const answer = await get(url, headers);
    t.equal(answer.statusCode, 200, answer.body.slice(0, 400));
    t.equal(answer.headers['content-type'], 'application/pdf');
    t.equal(answer.rawPayload.subarray(0, 5).toString(), '%PDF-');
    return { paper: papers.at(-1), headers: answer.headers };
  };

  const draft = await desk.draft();
  const ofDraft = await pdf(`/api/erp/quotes/${draft.id}/pdf`);
  t.match(ofDraft.paper, { mark: 'draft', number: null, total: draft.total.amount, issuer: { logo: null } });
  t.match(ofDraft.headers['content-disposition'], `inline; filename="draft-${draft.id}-1.pdf"`);

  const { quote, link } = await desk.sent();
  const ofSent = await pdf(`/api/erp/quotes/${quote.id}/pdf`);
  t.match(ofSent.paper, { mark: null, number: quote.number, lines: [{ quantity: 36 }, {}, {}] });
  t.match(ofSent.headers['content-disposition'], `${quote.number}-1.pdf`);

  await asSuperuser(desk.db.superuserUrl, (client) => client.query(`update erp_products set name = 'Renamed since'`));
  t.same((await pdf(`/api/public/quotes/${link}/pdf`, {})).paper, ofSent.paper, 'its customer gets what was sent');

  t.equal((await get(`/api/erp/quotes/${v7()}/pdf`)).statusCode, 404);
  t.equal((await get(`/api/public/quotes/${link.slice(0, -1)}!/pdf`, {})).statusCode, 404);
  t.equal(
    (await get(`/api/public/quotes/${link}/pdf`, { host: 'globex.localhost' })).statusCode,
    404,
    'another tenant',
  );
  t.equal((await get(`/api/erp/quotes/${quote.id}/pdf`, {})).statusCode, 401);

  await t.test('with the logo of the organization', async (t) => {
    const picture = await sharp({ create: { width: 40, height: 20, channels: 3, background: 'red' } })
      .webp()
      .toBuffer();
    const [own, foreign] = [v7(), v7()];
    for (const [id, organizationId] of [
      [own, acmePrint.id],
      [foreign, acme.organizations['acme-promo'].id],
    ]) {
      const key = `${acme.id}/${id}`;
      await files.storage.put(key, Readable.from(picture), 'image/webp');
      await asSuperuser(desk.db.superuserUrl, (client) =>
        client.query(
          `insert into erp_files (tenant_id, organization_id, id, storage_key, thumbnail_key, file_name, media_type,
             byte_size, sha256, uploaded_by) values ($1, $2, $3, $4, $4, 'logo.webp', 'image/webp', $5, '', $3)`,
          [acme.id, organizationId, id, key, picture.length],
        ),
      );
    }
    const withLogo = (logo_file_id: string) =>
      desk.plane.apply({
        ...entityOfOrganization(desk.organization),
        workspaces: [{ id: mainStreet, code: 'm', name: 'M' }],
        letterhead: { legal_name: 'Acme Print GmbH', address: null, tax_number: null, terms: null, logo_file_id },
      });
    withLogo(own);
    const shown = await pdf(`/api/erp/quotes/${draft.id}/pdf`);
    t.equal(
      Buffer.from(shown.paper?.issuer.logo ?? [])
        .subarray(1, 4)
        .toString(),
      'PNG',
      'made of a WebP',
    );
    t.equal(shown.paper?.issuer.name, 'Acme Print GmbH');
    const { get: read } = files.storage;
    Object.assign(files.storage, { get: () => Promise.reject(new AppError('dependency_unavailable')) });
    t.equal((await pdf(`/api/erp/quotes/${draft.id}/pdf`)).paper?.issuer.logo, null, 'the storage is away');
    Object.assign(files.storage, { get: read });
    withLogo(foreign);
    t.equal((await pdf(`/api/erp/quotes/${draft.id}/pdf`)).paper?.issuer.logo, null, 'never another organization’s');
  });
});
