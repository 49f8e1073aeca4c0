export { type CallOptions, call, type Reply } from '@platen/chassis/testkit/call';

/** What every request of a browser or the SDK has. */
export const plainHeaders = (host: string): Record<string, string> => ({
  host,
  'x-correlation-id': 'bench-0123456789',
});

export const jsonHeaders = (host: string): Record<string, string> => ({
  ...plainHeaders(host),
  'content-type': 'application/json',
});
