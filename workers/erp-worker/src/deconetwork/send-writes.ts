import { createChecker } from '@platen/chassis/validation/checker';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import { type DnSyncResult, nothingDone } from '@platen/schema/contracts/data/job-shapes';
import {
  DnInventoryWrite,
  DnReceiptWrite,
  DnStatusWrite,
  type deconetworkCalls,
} from '@platen/schema/contracts/internal/deconetwork';
import { JobFailure } from '../jobs/processor.js';
import { callOf, type DnJob, placeOf } from './dn-job.js';
import type { CallParameters, Endpoint, Repetition, SiteClient } from './site-client.js';
import { SiteError } from './site-error.js';

type WriteCall = NonNullable<OutputOf<typeof deconetworkCalls.nextCall>['call']>;
type Settlement = Pick<BodyOf<typeof deconetworkCalls.settleCall>, 'outcome' | 'response' | 'error'>;

const statusWrites = createChecker(DnStatusWrite);
const inventoryWrites = createChecker(DnInventoryWrite);
const receiptWrites = createChecker(DnReceiptWrite);

/** Sends what waits, the oldest first, until nothing does. @throws JobFailure, SiteError */
export async function sendWrites(dn: DnJob, site: SiteClient): Promise<DnSyncResult> {
  const { run, job, plane } = dn;
  for (let written = job.progress; ; ) {
    run.signal.throwIfAborted();
    const { call, remaining } = await plane.deconetworkCalls.nextCall(placeOf(dn), callOf(dn));
    if (call === null) return { ...nothingDone('write'), written };
    const { settlement, stop } = await send(site, call);
    await plane.deconetworkCalls.settleCall({ ...placeOf(dn), call_id: call.id, ...settlement }, callOf(dn));
    if (settlement.outcome === 'done') written += 1;
    run.log.info(
      {
        job_id: job.id,
        call_id: call.id,
        call_kind: call.kind,
        outcome: settlement.outcome,
        vendor_code: settlement.response?.code ?? null,
      },
      'a write to a site was answered',
    );
    // The same would come next, and meet the same.
    if (stop !== null) throw stop;
    run.progress(written, written + remaining);
  }
}

interface Sent {
  readonly settlement: Settlement;
  readonly stop: Error | null;
}

async function send(site: SiteClient, call: WriteCall): Promise<Sent> {
  const request = requestOf(call);
  if (request === null) {
    return failed({ code: 'internal_error', message: 'This worker does not know such a write' });
  }
  // What was received twice would be in stock twice.
  if (call.kind === 'receipt' && call.unanswered === true) return failed(outcomeUnknown);
  try {
    const { status } = await site.call(request.endpoint, request.parameters, request.repetition);
    return { settlement: { outcome: 'done', response: status }, stop: null };
  } catch (error) {
    if (error instanceof SiteError) return settlementOf(error, request.repetition);
    throw error;
  }
}

const outcomeUnknown = {
  code: 'outcome_unknown',
  message: 'No answer came: the site may have booked it. Look at its purchase order before it is sent again',
};

const failed = (error: { readonly code: string; readonly message: string }): Sent => ({
  settlement: { outcome: 'failed', error },
  stop: null,
});

function settlementOf(failure: SiteError, repetition: Repetition): Sent {
  const { code, message, status, reached, mayPass } = failure;
  const error = { code, message };
  const response = status === null ? {} : { response: status };
  // The site has said no to this one; the others have nothing to do with it.
  if (code === 'refused' || code === 'invalid_request')
    return { settlement: { outcome: 'failed', error, ...response }, stop: null };
  const wasSaidNo = code === 'authentication_failed' || code === 'api_disabled' || code === 'address_refused';
  if (repetition === 'once' && reached && !wasSaidNo) return failed(outcomeUnknown);
  const stop = wasSaidNo
    ? failure
    : new JobFailure(code, message, { mayRetry: mayPass || code === 'not_a_site', cause: failure });
  return { settlement: { outcome: 'retry', error, ...response }, stop };
}

interface Request {
  readonly endpoint: Endpoint;
  readonly parameters: CallParameters;
  readonly repetition: Repetition;
}

function requestOf({ kind, request }: WriteCall): Request | null {
  if (kind === 'status' && statusWrites.check(request)) return statusRequest(request);
  if (kind === 'inventory' && inventoryWrites.check(request)) return inventoryRequest(request);
  return kind === 'receipt' && receiptWrites.check(request) ? receiptRequest(request) : null;
}

const statusNumbers = { produced: 2, shipped: 3 } as const;

/** The same once more changes nothing there. Whether the customer is told is always said: the site's own choice is not ours. */
const statusRequest = (write: DnStatusWrite): Request => ({
  endpoint: 'manage_orders/update_order_status',
  parameters: {
    order_id: write.order_id,
    new_status: statusNumbers[write.new_status],
    contact_customer: write.contact_customer ? 1 : 0,
    ...(write.shipping_code !== undefined && { shipping_code: write.shipping_code }),
  },
  repetition: 'repeatable',
});

const inventoryRequest = ({ levels }: DnInventoryWrite): Request => ({
  endpoint: 'manage_inventory/update',
  parameters: numbered(
    'updates',
    levels.map(({ dn_sku_id, level }) => ({ dn_sku_id, inv_lvl: level })),
  ),
  repetition: 'repeatable',
});

const receiptRequest = ({ po_number, vendor_invoice, lines }: DnReceiptWrite): Request => ({
  endpoint: 'manage_purchase_orders/receive_stock',
  parameters: {
    po_number,
    ...(vendor_invoice !== undefined && { vendor_invoice }),
    ...numbered(
      'lines',
      lines.map(({ line_id, quantity }) => ({ id: line_id, qty: quantity })),
    ),
  },
  repetition: 'once',
});

/** `lines[1][qty]=5`, as the vendor's forms count. */
const numbered = (name: string, entries: readonly CallParameters[]): CallParameters =>
  Object.fromEntries(
    entries.flatMap((entry, index) =>
      Object.entries(entry).map(([member, value]) => [`${name}[${index + 1}][${member}]`, value]),
    ),
  );
