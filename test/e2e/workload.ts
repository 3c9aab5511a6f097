import { untilObject } from '../testbed/kubeConditions.ts';
import { pods, type Pod } from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { workloadImage } from './workloadImage.ts';
import type { E2eWorld } from './world.ts';

const single = { mountPath: '/etc/single', subPath: 'DB_PASSWORD' };

/** An application: a pod with the team's ServiceAccount that has a Secret as files and as environment. */
export interface Workload {
  /** What a process in the pod reads. */
  readFile(dataKey: string): Promise<string>;
  /** DB_PASSWORD, mounted alone. */
  readSubPath(): Promise<string>;
  environment(): Promise<string>;
}

export async function startWorkload(
  { kube, kubectl }: E2eWorld,
  { namespace, serviceAccountName }: Team,
  secretName: string,
): Promise<Workload> {
  const name = 'shop';
  await kube.create(pods, {
    metadata: { namespace, name },
    spec: {
      serviceAccountName,
      terminationGracePeriodSeconds: 0,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65_532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name,
          image: workloadImage,
          imagePullPolicy: 'Never',
          envFrom: [{ secretRef: { name: secretName } }],
          volumeMounts: [
            { name: 'secret', mountPath: '/etc/secret', readOnly: true },
            { ...single, name: 'secret', readOnly: true },
          ],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
      volumes: [{ name: 'secret', secret: { secretName } }],
    },
  });
  await untilObject(
    kube,
    pods,
    { namespace, name },
    { what: 'the workload to be ready', holds: isReady, timeoutMs: 60_000 },
  );
  const run = (command: string): Promise<string> =>
    kubectl(`exec -n ${namespace} ${name} -- /bin/busybox ${command}`);
  return {
    readFile: (dataKey) => run(`cat /etc/secret/${dataKey}`),
    readSubPath: () => run(`cat ${single.mountPath}`),
    environment: () => run('env'),
  };
}

export function isReady(pod: Pod | undefined): boolean {
  return (
    pod?.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True') ??
    false
  );
}
