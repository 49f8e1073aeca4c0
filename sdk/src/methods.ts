import type { ContractTree } from '@platen/schema/contract';
import { type CallOptions, type CallSettings, call } from './call.js';
import type { Methods } from './client-types.js';
import { PlatenError } from './errors.js';
import { parseRoute, type Route, type RouteTree } from './routes.js';

type Input = Readonly<Record<string, unknown>>;
interface Page {
  readonly items: readonly unknown[];
  readonly next_cursor: string | null;
}

/** Plain functions in plain objects, made once: what bundlers, debuggers and editors understand. */
function buildTree(table: RouteTree, prefix: string, settings: CallSettings): object {
  return Object.fromEntries(
    Object.entries(table).map(([key, node]) => [
      key,
      typeof node === 'string'
        ? buildMethod(parseRoute(prefix + key, node), settings)
        : buildTree(node, `${prefix}${key}.`, settings),
    ]),
  );
}

function buildMethod(route: Route, settings: CallSettings) {
  const method = (input: Input = {}, options: CallOptions = {}) => call(settings, route, input, options);
  const isError = (error: unknown) => error instanceof PlatenError && error.operation === route.name;
  if (route.has('e')) {
    async function* follow(input: Input = {}, options: CallOptions = {}) {
      // As the code for files: few pages need it.
      yield* (await import('./events.js')).followEvents(settings, route, input, options);
    }
    return Object.assign(follow, { isError });
  }
  if (!route.has('p')) return Object.assign(method, { isError });

  async function* pages(input: Input = {}, options: CallOptions = {}) {
    let cursor = input['cursor'];
    do {
      const page = (await method({ ...input, cursor }, options)) as Page; // the contract's flag `paged` says so
      yield page;
      cursor = page.next_cursor;
    } while (cursor);
  }
  async function* items(input?: Input, options?: CallOptions) {
    for await (const page of pages(input, options)) yield* page.items;
  }
  return Object.assign(method, { isError, pages, items });
}

/** `T` are the contracts that `table` was generated from, which is what makes the cast true; `--check` holds it. */
export const buildMethods = <T extends ContractTree>(table: RouteTree, prefix: string, settings: CallSettings) =>
  buildTree(table, prefix, settings) as Methods<T>;
