import type { numberedKinds } from '@platen/schema/states/telemetry';

/** SQL of a `with` query, `numbered`, that takes the tenant's ($1) next number of a kind: never one that was given before. */
export const numberOf = (kind: (typeof numberedKinds)[number]): string => `numbered as (
     insert into tel_numbers as n (tenant_id, kind, last_no) values ($1::uuid, '${kind}', 1)
     on conflict (tenant_id, kind) do update set last_no = n.last_no + 1, updated_at = now()
     returning n.last_no
   )`;
