import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export const monitoringDir = new URL('../', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, monitoringDir), 'utf8');

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const readAlerts = (): AlertRule[] => {
  // What the file's own test holds it to.
  const { groups } = parse(read('alerts.yaml')) as { groups: { rules: AlertRule[] }[] };
  return groups.flatMap(({ rules }) => rules);
};

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat?: string }[];
}
export interface Dashboard {
  readonly title: string;
  readonly uid: string;
  readonly templating: {
    readonly list: readonly { name: string; type: string; query: unknown; datasource?: unknown }[];
  };
  readonly panels: readonly Panel[];
}

export const readDashboard = (): Dashboard => JSON.parse(read('dashboard.json')) as Dashboard;

/** What Grafana puts in before Prometheus sees it. */
const filledIn = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h').replaceAll('$__interval', '1m');

/** Everything that alert rules and the dashboard ask Prometheus, with who asks. */
export function listExpressions(): { readonly of: string; readonly expr: string }[] {
  return [
    ...readAlerts().map(({ alert, expr }) => ({ of: alert, expr })),
    ...readDashboard().panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ of: `dashboard: ${title}`, expr: filledIn(expr) })),
    ),
  ];
}
