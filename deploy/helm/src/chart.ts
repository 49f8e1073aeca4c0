import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findTool } from '@platen/monitoring/tools';
import { parseAllDocuments } from 'yaml';

const run = promisify(execFile);
export const chartDir = fileURLToPath(new URL('../platen', import.meta.url));
export const shapes = ['minimal', 'full'] as const;
export type Shape = (typeof shapes)[number];

const helm = findTool('helm');
const validator = findTool('kubernetes-validate', ['kubernetes/venv/bin']);
/** For a test's `skip`. */
export const helmIsMissing = helm === null || validator === null ? 'helm is not here: .ci/kubernetes' : false;

export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  // Each kind has its own, which Kubernetes' schemas hold it to; a test reads what it is about.
  readonly spec: unknown;
}

export interface EnvVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env: readonly EnvVariable[];
  readonly securityContext: object;
  readonly resources: { readonly requests?: object; readonly limits?: object };
  readonly startupProbe?: object;
  readonly livenessProbe?: object;
  readonly readinessProbe?: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}
export interface Pod {
  readonly labels: Record<string, string>;
  readonly spec: {
    readonly automountServiceAccountToken?: boolean;
    readonly securityContext: object;
    readonly terminationGracePeriodSeconds?: number;
    readonly topologySpreadConstraints?: readonly object[];
    readonly containers: readonly Container[];
  };
}

const helmArguments = (shape: Shape) => ['--kube-version', '1.31.0', '--values', `${chartDir}/ci/${shape}-values.yaml`];

export const lintChart = (shape: Shape) => run(helm ?? '', ['lint', '--strict', chartDir, ...helmArguments(shape)]);

export async function renderText(shape: Shape, ...more: string[]): Promise<string> {
  const args = ['template', 'platen', chartDir, ...helmArguments(shape), ...more];
  const { stdout } = await run(helm ?? '', args, { maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

export const readResources = (text: string): Resource[] =>
  parseAllDocuments(text)
    .map((document): unknown => document.toJS())
    .filter((resource) => resource !== null) as Resource[];

/** Against Kubernetes' own schemas of a version, unknown fields refused. */
export const validateFile = (file: string, version: string) =>
  run(validator ?? '', ['--quiet', '--no-warn', '--strict', '--kubernetes-version', version, file]);

/** By component. */
export function podsOf(resources: readonly Resource[]): Map<string, Pod> {
  const pods = resources
    .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet' || kind === 'Job')
    .map(({ spec }): Pod => {
      const { template } = spec as { template: { metadata: { labels: Record<string, string> }; spec: Pod['spec'] } };
      return { labels: template.metadata.labels, spec: template.spec };
    });
  return new Map(pods.map((pod) => [pod.labels['app.kubernetes.io/component'] ?? '', pod]));
}
