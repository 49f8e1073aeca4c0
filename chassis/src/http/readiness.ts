export type DependencyState = 'ok' | 'degraded' | 'schema_behind';

/** What GET /ready answers. One database in trouble degrades its tenants; it takes no instance out of service. */
export interface Readiness {
  readonly ready: boolean;
  /** Why not, for whoever reads the answer. */
  readonly reason?: string;
  readonly dependencies: Readonly<Record<string, DependencyState>>;
  /** Further figures, e.g. the age of the feed. */
  readonly details?: Readonly<Record<string, string | number | null>>;
}
