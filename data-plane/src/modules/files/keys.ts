/** The tenant first, then the organization: a purge deletes by the one, a sweep asks row-level security by both. */
export const prefixOf = (tenantId: string): string => `${tenantId}/`;

export const keysOf = (tenantId: string, organizationId: string, id: string) => {
  const content = `${tenantId}/${organizationId}/${id}`;
  return { content, thumbnail: `${content}.thumbnail` } as const;
};

/** Of a part of what a job is making. */
export const partKeyOf = (tenantId: string, organizationId: string, id: string): string =>
  `${tenantId}/${organizationId}/${id}.part`;
