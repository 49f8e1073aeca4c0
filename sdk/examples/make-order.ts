import type { Answer, Client } from '@platen/sdk';
import { mustEqual } from './figures.js';
import { mustRefuse, type Walk } from './walk.js';

type Order = Answer<Client['erp']['orders']['get']>;
type Card = Answer<Client['erp']['production']['board']['get']>['stages'][number]['cards'][number];

/** Over the board: artwork approved, pieces done, one of them spoilt and made again. */
export async function makeOrder(press: Walk, sales: Walk, order: Order): Promise<void> {
  const { production } = press.client.erp;
  const { items } = await production.jobs.create({ order_id: order.id });
  mustEqual('Jobs of the order', items.length, order.lines.length);
  const stages = (await production.board.get()).stages;
  const gate = stages.find((stage) => stage.requires_artwork);
  const last = stages.at(-1);
  if (!gate || !last) throw new Error('The board has no stage that asks for artwork');
  for (const card of items) {
    const refused = production.jobs.move({ id: card.id, stage_id: gate.id });
    await mustRefuse(refused, production.jobs.move.isError, 'artwork_unapproved');
  }
  press.print(`${items.length} jobs on the board; none enters ${gate.name} before its artwork is approved`);
  for (const card of items) await approve(sales, card);

  for (const [index, card] of items.entries()) {
    const way = [];
    for (const stage of stages.slice(stages.indexOf(gate))) {
      if (await moveTo(press, card, stage.id)) way.push(stage.name);
      else press.print(`${card.number} goes past ${stage.name}, which takes no more jobs now`);
    }
    if (index === 0) await spoilOne(press, card);
    else await production.jobs.done({ id: card.id, quantity: card.quantity });
    press.print(`${card.number}, ${card.quantity} pieces: ${way.join(', ')}; done`);
  }
  await press.client.erp.orders.ready({ id: order.id });
  const after = (await production.board.get()).stages.flatMap(({ cards }) => cards);
  mustEqual('Cards of the order', after.filter((card) => card.order_id === order.id).length, 0);
}

/** false: the stage is full. */
async function moveTo({ client }: Walk, card: Card, stageId: string): Promise<boolean> {
  const { move } = client.erp.production.jobs;
  try {
    mustEqual('The card’s stage', (await move({ id: card.id, stage_id: stageId })).card.stage_id, stageId);
    return true;
  } catch (error) {
    if (move.isError(error) && error.code === 'wip_limit_reached') return false;
    throw error;
  }
}

/** By somebody who has seen the file: its hash says which one. */
async function approve(sales: Walk, card: Card): Promise<void> {
  const { jobs } = sales.client.erp.production;
  const job = await jobs.get({ id: card.id });
  for (const { design_id, hash, name } of job.designs) {
    if (hash === null) throw new Error(`${name} has no artwork`);
    const another = jobs.approveArtwork({ id: job.id, design_id, hash: hash.replace(/./g, '0') });
    await mustRefuse(another, jobs.approveArtwork.isError, 'content_changed');
    await jobs.approveArtwork({ id: job.id, design_id, hash });
  }
  mustEqual('The artwork', (await jobs.get({ id: job.id })).artwork, 'approved');
}

async function spoilOne(press: Walk, card: Card): Promise<void> {
  const { jobs } = press.client.erp.production;
  const { ready } = press.client.erp.orders;
  const [size] = (await jobs.get({ id: card.id })).sizes;
  if (!size) throw new Error(`${card.number} has no sizes`);
  await jobs.done({ id: card.id, quantity: card.quantity - 1 });
  const spoilt = { variant_id: size.variant_id, quantity: 1 };
  await jobs.scrap({ id: card.id, sizes: [spoilt], reason: 'Ink bled' });
  await mustRefuse(ready({ id: card.order_id }), ready.isError, 'pieces_open');
  const again = await jobs.reprint({ id: card.id });
  mustEqual('The pieces to make again', again.quantity, 1);
  await jobs.done({ id: again.id, quantity: 1 });
  press.print(`${card.number}: one ${size.sku} was spoilt, and made again as ${again.number}`);
}
