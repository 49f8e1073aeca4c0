import { type Answer, type Client, createClient, PlatenError, PlatenNetworkError } from '@platen/sdk';
import { createNodeTransport } from '@platen/sdk/node';
import { createPlatformClient } from '@platen/sdk/platform';

// The examples of docs/sdk.md and of other pages, which repeat the regions below word by word: a test compares them.

export function connectFromBrowser(onSignedOut: () => void) {
  // #region browser
  const client = createClient({
    controlUrl: 'https://acme.example.com', // or '' where one proxy serves the page and both planes
    dataUrl: 'https://acme.example.com',
    onSignedOut,
  });
  // #endregion
  return client;
}

export function connectFromNode(controlUrl: string, dataUrl: string) {
  // #region node
  const client = createClient({ controlUrl, dataUrl, transport: createNodeTransport() });
  // #endregion
  return client;
}

export async function signIn(client: Client, password: string) {
  // #region sign-in
  const { user, context } = await client.auth.login({ email: 'sales@acme.test', password });
  if (context.organization_id === null) {
    const [organization] = (await client.context.get()).organizations;
    if (organization) await client.context.switch({ organization_id: organization.id });
  }
  // #endregion
  return user;
}

export function actAsMachine(controlUrl: string, dataUrl: string, apiKey: string) {
  // #region machine
  let held: { access_token: string; expires_at: string } | undefined;
  const client: Client = createClient({
    controlUrl,
    dataUrl,
    transport: createNodeTransport(),
    async token(refused) {
      const isGood = held && held.access_token !== refused && Date.parse(held.expires_at) > Date.now() + 60_000;
      if (!held || !isGood) held = await client.auth.token({ api_key: apiKey });
      return held.access_token;
    },
  });
  // #endregion
  return client;
}

export async function handleErrors(client: Client, id: string, ask: (question: string) => void) {
  // #region errors
  const { send } = client.erp.quotes;
  try {
    await send({ id });
  } catch (error) {
    if (send.isError(error) && error.code === 'customer_email_missing') ask('Where should it go?');
    else if (error instanceof PlatenError && error.code === 'permission_denied') {
      ask(`Who may do that? You lack ${error.extensions['permission']}`);
    } else if (error instanceof PlatenNetworkError) ask(`No answer (${error.kind}); ask for ${error.correlationId}`);
    else throw error;
  }
  // #endregion
}

export async function readLists(client: Client) {
  const names: string[] = [];
  // #region paging
  for await (const customer of client.erp.customers.list.items({ limit: 200 })) names.push(customer.name);

  let page = await client.erp.customers.list({ limit: 20 });
  while (page.next_cursor) page = await client.erp.customers.list({ limit: 20, cursor: page.next_cursor });
  // #endregion
  return names;
}

export async function writeOnce(client: Client, requestId: string) {
  // #region idempotency
  const body = { code: 'harbor-rowing', name: 'Harbor Rowing Club' };
  const customer = await client.erp.customers.create(body, { idempotencyKey: requestId });
  const same = await client.erp.customers.create(body, { idempotencyKey: requestId });
  // #endregion
  return [customer.id, same.id];
}

export async function changeSafely(client: Client, id: string) {
  // #region if-match
  const customer = await client.erp.customers.get({ id });
  const changed = await client.erp.customers.update({ id, name: 'Harbor Rowing' }, { ifMatch: customer });
  // #endregion
  return changed;
}

export async function uploadArtwork(client: Client, artwork: Blob, designId: string) {
  // #region upload
  const file = await client.erp.files.upload({
    owner_kind: 'design',
    owner_id: designId,
    file: artwork, // a page's File, a Blob, bytes, or a stream
    file_name: 'crest.pdf',
  });
  await client.erp.designs.update({ id: designId, file_id: file.id });
  // #endregion
  return file;
}

export async function importCatalogue(client: Client, csv: ReadableStream<Uint8Array>, show: (text: string) => void) {
  // #region import
  const lines = await client.erp.catalog.import({ file: csv, decimal: 'comma', dry_run: true });
  for await (const line of lines) {
    if (line.type === 'progress') show(`${line.rows} rows`);
    else if (line.type === 'refused') show(`Row ${line.row}, ${line.column}: ${line.message}`);
    else if (line.type === 'summary') show(`${line.variants.created} new variants, ${line.refused} rows refused`);
    else if (line.type === 'failed') throw new Error(`${line.message}, after ${line.rows} rows`);
  }
  // #endregion
}

export async function followBoard(
  client: Client,
  page: AbortController,
  show: (board: Answer<Client['erp']['production']['board']['get']>) => void,
  apply: (event: object) => void,
) {
  // #region events
  const board = await client.erp.production.board.get();
  show(board);
  const { signal } = page;
  for await (const event of client.erp.production.board.events({ last_event_id: board.position }, { signal })) {
    if (event.type === 'reset') show(await client.erp.production.board.get());
    else apply(event);
  }
  // #endregion
}

export async function sendAsDevice(controlUrl: string, dataUrl: string, secret: string, counted: number) {
  // #region device
  const machine = createClient({ controlUrl, dataUrl, transport: createNodeTransport(), token: async () => secret });
  const { refused } = await machine.telemetry.readings.write({ readings: [{ metric: 'pieces', value: counted }] });
  for (const { line, code, detail } of refused) console.warn(`Reading ${line}: ${code}, ${detail}`);
  // #endregion
}

export async function watchMachines(
  client: Client,
  page: AbortController,
  show: (device: string, value: number) => void,
) {
  // #region telemetry
  const { items, position } = await client.telemetry.latest.list({ metrics: 'pieces' });
  for (const { device, readings } of items) for (const { value } of readings) show(device, value);
  const follow = { metrics: 'pieces', last_event_id: position };
  for await (const event of client.telemetry.live.follow(follow, { signal: page.signal })) {
    if (event.type === 'reset') continue; // read the latest anew
    for (const { device, value } of event.data.readings) show(device, value);
  }
  // #endregion
}

export async function readDay(client: Client) {
  // #region series
  const { series, time_zone } = await client.telemetry.series.read({
    devices: 'press-1,press-2',
    metrics: 'pieces',
    from: '2026-03-01T00:00:00.000Z',
    to: '2026-03-02T00:00:00.000Z',
    step: '15m',
    gaps: true,
  });
  for (const { device, t, v, gaps } of series) console.log(device, time_zone, t.length, v.length, gaps?.length);
  // #endregion
}

export async function download(client: Client, quoteId: string, fileId: string, save: WritableStream<Uint8Array>) {
  // #region download
  const pdf = await (await client.erp.quotes.pdf({ id: quoteId })).blob();
  const csv = await (await client.erp.catalog.export({ product_status: 'active' })).text();

  const content = await client.erp.files.content({ id: fileId });
  await content.body.pipeTo(save);
  // #endregion
  return { pdf, csv };
}

export async function acceptAsCustomer(client: Client, token: string) {
  // #region public-quote
  const { document, document_hash } = await client.erp.publicQuotes.get({ token });
  console.log(`${document.organization.name} offers ${document.lines.length} lines for ${document.total.amount}`);
  await client.erp.publicQuotes.answer({ token, action: 'accept', document_hash, name: 'Jo Doe' });
  // #endregion
}

export async function verifyReceipts(client: Client, quoteId: string) {
  // #region verify
  const { lines } = await client.erp.quotes.get({ id: quoteId });
  for (const { receipt, receipt_hash } of lines) {
    const { verified, reason } = await client.erp.pricing.verify({ receipt: JSON.stringify(receipt), receipt_hash });
    if (!verified) throw new Error(`The receipt does not hold: ${reason}`);
  }
  // #endregion
}

export async function administer(client: Client, userId: string) {
  // #region admin
  const explained = await client.admin.access.explain({ user_id: userId, permission: 'erp.quote.send' });
  const menu = await client.menu.get();
  const { items: modules } = await client.access.modules();
  // #endregion
  return { explained, menu, modules };
}

export async function runThePlatform(url: string, password: string) {
  // #region platform
  const platform = createPlatformClient({ url, transport: createNodeTransport() });
  await platform.auth.login({ email: 'owner@platform.test', password });
  for await (const tenant of platform.tenants.list.items({ status: 'active' })) console.log(tenant.slug);
  await platform.auth.logout();
  // #endregion
}

export async function followJob(client: Client, id: string) {
  // #region job
  for await (const event of client.erp.jobs.events({ id })) {
    if (event.type === 'reset') continue;
    const { progress, progress_total } = event.data;
    if (progress_total) console.log(`${progress} of ${progress_total}`);
    if (event.type === 'erp.job.succeeded') break;
  }
  // #endregion
}

export async function exportOrders(client: Client, save: WritableStream<Uint8Array>) {
  // #region export
  const job = await client.erp.exports.create({
    resource: 'orders',
    format: 'xlsx',
    filter: { status: 'confirmed', due_from: '2026-03-01' },
    columns: ['number', 'customer_name', 'currency', 'total', 'due_on'],
    title: 'Due in March',
  });
  for await (const { type } of client.erp.jobs.events({ id: job.id })) {
    if (type === 'erp.job.succeeded' || type === 'erp.job.failed' || type === 'erp.job.cancelled') break;
  }
  const { result } = await client.erp.jobs.get({ id: job.id });
  if (result?.kind === 'export') {
    const file = await client.erp.files.content({ id: result.file_id });
    await file.body.pipeTo(save);
  }
  // #endregion
}

export async function begin(
  password: string,
  quote: Answer<Client['erp']['quotes']['get']>,
  askForAddress: (why: string | undefined) => void,
) {
  const { id } = quote;
  // #region readme
  const client = createClient({
    controlUrl: 'http://acme.localhost:4000',
    dataUrl: 'http://acme.localhost:4001',
    transport: createNodeTransport(),
    onSignedOut: ({ reason }) => console.log(`Sign in again: ${reason}`),
  });
  await client.auth.login({ email: 'sales@acme.test', password });

  for await (const product of client.erp.products.list.items({ status: 'active' })) console.log(product.name);

  try {
    await client.erp.quotes.send({ id }, { ifMatch: quote }); // or a version number
  } catch (error) {
    if (client.erp.quotes.send.isError(error) && error.code === 'customer_email_missing') askForAddress(error.detail);
    else throw error;
  }
  // #endregion
}
