import { UnprocessableEvent } from '@platen/chassis/bus/bus';
import type { CloudEvent } from '@platen/schema/events/cloud-event';
import type { DataInternalClient } from '@platen/sdk/internal';
import { test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { ofDataPlane } from './dispatch.js';

type Planned = Parameters<DataInternalClient['deconetworkEvents']['plan']>[0];

function dispatch(isOn = true) {
  const planned: Planned[] = [];
  const dataPlane = {
    deconetworkEvents: {
      plan: async (input: Planned) => {
        planned.push(input);
        return { planned: 1 };
      },
    },
  };
  // Events of these types reach no other part of the worker.
  const deps = { dataPlane } as unknown as Parameters<typeof ofDataPlane>[0];
  const { handler, topics } = ofDataPlane(deps, (flag) => isOn || flag !== 'FEATURE_DN_INTEGRATION');
  const event = (type: string, data: object): CloudEvent => ({
    specversion: '1.0',
    id: uuidv7(),
    source: 'urn:platen:test',
    type,
    subject: uuidv7(),
    time: '2026-03-01T09:30:00.000Z',
    tenantid: uuidv7(),
    organizationid: uuidv7(),
    workspaceid: null,
    correlationid: 'test-event',
    traceparent: null,
    dataschema: `platen:${type}:1`,
    data,
  });
  const send = (told: CloudEvent, topic: 'erp.order' | 'erp.purchase_order') =>
    handler({ event: told, topic, attempt: 1, signal: new AbortController().signal });
  return { planned, topics, event, send };
}

const received = () => ({
  purchase_order_id: uuidv7(),
  number: 'PO-1',
  supplier_id: uuidv7(),
  receipt_id: uuidv7(),
  location_id: uuidv7(),
  status: 'received',
  lines: [],
});

test('an order that is ready or shipped, and a delivery, are told with the id of their event', async (t) => {
  const { planned, event, send, topics } = dispatch();
  t.ok(topics.includes('erp.purchase_order'));
  const order = { order_id: uuidv7(), number: 'O-1' };
  const ready = event('erp.order.ready', order);
  await send(ready, 'erp.order');
  await send(event('erp.order.shipped', order), 'erp.order');
  await send(event('erp.order.started', order), 'erp.order');
  const delivery = received();
  await send(event('erp.purchase_order.received', delivery), 'erp.purchase_order');
  t.match(planned, [
    { event_id: ready.id, tenant_id: ready.tenantid, document: 'order', local_id: order.order_id, status: 'ready' },
    { document: 'order', status: 'shipped' },
    { document: 'purchase_receipt', local_id: delivery.receipt_id },
  ]);
  t.equal(planned.length, 3);
  await t.rejects(send(event('erp.order.ready', {}), 'erp.order'), UnprocessableEvent);
  await t.rejects(send(event('erp.purchase_order.received', {}), 'erp.purchase_order'), UnprocessableEvent);
});

test('where the feature is off, nothing is told', async (t) => {
  const { planned, event, send } = dispatch(false);
  await send(event('erp.order.shipped', { order_id: uuidv7(), number: 'O-1' }), 'erp.order');
  await send(event('erp.purchase_order.received', received()), 'erp.purchase_order');
  t.same(planned, []);
});
