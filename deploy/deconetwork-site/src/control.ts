import type { FastifyInstance } from 'fastify';
import type { Fault } from './habits.js';
import type { DecoNetworkSite } from './site.js';
import type { OrderPatch } from './truth.js';

type Controlled = Omit<DecoNetworkSite, 'url'>;

// Loopback only, of a stand-in that holds no real data: bodies are what the handle's methods take, in JSON.

/** The site's handle over HTTP, for a demo or a test in another process. */
export function registerControl(app: FastifyInstance, site: Controlled): void {
  app.setErrorHandler((error, _request, reply) => {
    const wrong = error instanceof RangeError || error instanceof TypeError;
    return reply.code(wrong ? 400 : 500).send({ error: error instanceof Error ? error.message : String(error) });
  });
  app.get('/__site', () => ({
    orders: site.state.orders.size,
    calls: site.log.calls.length,
    max_in_flight: site.log.maxInFlight,
    mails: site.state.mails,
    status_writes: site.state.statusWrites,
    inventory_writes: site.state.inventoryWrites,
    receipts: site.state.receipts,
    drifts: site.state.drifts,
    habits: site.state.habits,
    now: site.state.clock.now(),
  }));
  app.get('/__site/calls', () => site.log.calls);
  app.get('/__site/orders', () => site.orders());
  app.get<{ Params: { id: string } }>('/__site/orders/:id', ({ params }) => site.order(params.id));
  app.post<{ Body: OrderPatch }>('/__site/orders', ({ body }) => site.addOrder(body));
  app.post<{ Params: { id: string }; Body: OrderPatch }>('/__site/orders/:id', ({ params, body }) =>
    site.changeOrder(params.id, body),
  );
  app.delete<{ Params: { id: string } }>('/__site/orders/:id', ({ params }) => {
    site.removeOrder(params.id);
    return {};
  });
  app.get('/__site/products', () => site.products());
  app.get('/__site/inventories', () => site.inventories());
  app.get('/__site/purchase-orders', () => site.purchaseOrders());
  app.post<{ Body: Parameters<Controlled['setHabits']>[0] }>('/__site/habits', ({ body }) => {
    site.setHabits(body);
    return site.state.habits;
  });
  app.post<{ Body: { fault: Fault; times?: number; endpoint?: string } }>('/__site/fail-next', ({ body }) => {
    const { fault, ...options } = body;
    site.failNext(fault, options);
    return {};
  });
}
