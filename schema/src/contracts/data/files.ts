/** What a file can belong to. */
export const fileOwnerKinds = ['product', 'design', 'customer', 'quote', 'order', 'organization'] as const;

/** What an installation may allow at most (`FILE_MAX_BYTES`). */
export const largestFileBytes = 1024 * 1024 * 1024;
