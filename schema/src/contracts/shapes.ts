import { type TProperties, type TSchema, Type } from 'typebox';

/** Shapes that contracts share. Every object is closed: an unknown field is a 400 that names it. Every text and list is bounded. */
export const closed = <T extends TProperties>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

/** For PATCH: any of the fields. `Type.Partial` alone would open the object again. */
export const partial = <T extends TProperties>(properties: T) =>
  Type.Partial(closed(properties), { additionalProperties: false });

// Every pattern here is linear: no nested or overlapping repetition.
export const Id = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  description: 'UUID, lower case (UUIDv7, RFC 9562)',
  examples: ['01930000-0000-7000-8004-000000000001'],
});
/** RFC 3339 in UTC with milliseconds. */
export const Timestamp = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$',
  examples: ['2026-03-01T09:30:00.000Z'],
});
export const CalendarDate = Type.String({ format: 'date', examples: ['2026-03-01'] });
/** ISO 4217. */
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', examples: ['EUR'] });
/** numeric(18,4) as text: 14 digits before the point, 4 after. */
export const Amount = Type.String({ pattern: '^-?\\d{1,14}(\\.\\d{1,4})?$', examples: ['12.3400'] });
export const PositiveAmount = Type.String({ pattern: '^\\d{1,14}(\\.\\d{1,4})?$', examples: ['12.3400'] });
export const Money = closed({ amount: Amount, currency: Currency });
export const PositiveMoney = closed({ amount: PositiveAmount, currency: Currency });
/** Pieces are whole, other units are not: a decimal string like money. */
export const Quantity = Type.String({ pattern: '^\\d{1,10}(\\.\\d{1,4})?$', examples: ['144'] });
/** Normalised on write (NFKC, lower case), compared exactly. */
export const Code = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N}._/-]*$',
  examples: ['harbor'],
});
export const Name = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S', examples: ['Harbor Rowing Club'] });
export const Email = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern: '^[^\\s@]+@[^\\s@]+$',
  examples: ['ada@example.com'],
});
const AddressLine = Type.String({ maxLength: 200 });
export const postalAddress = {
  line1: Type.String({ minLength: 1, maxLength: 200 }),
  line2: Type.Optional(AddressLine),
  city: Type.String({ minLength: 1, maxLength: 200 }),
  region: Type.Optional(AddressLine),
  postal_code: Type.Optional(Type.String({ maxLength: 32 })),
  /** ISO 3166-1 alpha-2. */
  country: Type.String({ pattern: '^[A-Z]{2}$', examples: ['DE'] }),
};
export const PostalAddress = closed(postalAddress);
export const Text = Type.String({ maxLength: 4000 });
export const Version = Type.Integer({
  minimum: 1,
  description: 'Raised by every change; the ETag is this number in quotes',
});

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
/** The explicit type argument keeps the literals: inferred, they would widen to string. */
export const literals = <const T extends readonly string[]>(values: T) => Type.Enum<[...T]>([...values]);

export const IdParams = closed({ id: Id });
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
};
export const page = <T extends TSchema>(item: T) =>
  closed({ items: Type.Array(item), next_cursor: nullable(Type.String()) });

/** Of every event stream of an outbox, where no header can be sent: a page's first connection. */
export const streamQuery = {
  last_event_id: Type.Optional(
    Type.String({
      pattern: '^\\d{1,19}$',
      description:
        'The position that what the reader knows is of: what came after it comes first. The header `Last-Event-ID` wins. Without either, the stream begins with what happens next',
      examples: ['4711'],
    }),
  ),
};
/** Sent by any stream instead of what is not kept any more: read everything anew. The stream goes on from `position`. */
export const resetEventType = 'reset';
export const StreamReset = closed({ position: Type.String({ pattern: '^\\d{1,19}$', examples: ['4711'] }) });
export const stamps = { created_at: Timestamp, updated_at: Timestamp };
