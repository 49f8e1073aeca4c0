import { type Static, Type } from 'typebox';
import { Id, nullable, Timestamp } from '../contracts/shapes.js';

/** CloudEvents 1.0, JSON format, with Platen's extension attributes (lower-case names: CloudEvents 1.0 section 3.1). */
export const CloudEvent = Type.Object(
  {
    specversion: Type.Literal('1.0'),
    id: Id,
    source: Type.String(),
    type: Type.String(),
    time: Timestamp,
    /** Id of the aggregate that this happened to. */
    subject: Type.String(),
    tenantid: Id,
    organizationid: nullable(Id),
    workspaceid: nullable(Id),
    correlationid: Type.String(),
    traceparent: nullable(Type.String()),
    dataschema: Type.String(),
    data: Type.Unknown(),
  },
  { additionalProperties: false },
);
export type CloudEvent = Static<typeof CloudEvent>;

/** CloudEvents `source`: the part of the product that says it. Which database it came from is nobody's business. */
export const eventSources = { dataPlane: 'urn:platen:data-plane', controlPlane: 'urn:platen:control-plane' } as const;
export type EventSource = (typeof eventSources)[keyof typeof eventSources];
/** Version 1 of a type's data; a change that breaks readers is a new version. */
export const dataSchemaOf = (type: string): string => `platen:${type}:1`;
