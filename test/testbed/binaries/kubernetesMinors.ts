import { BinaryError } from './binaryError.ts';
import { toolModules, type ToolModule } from './toolModules.ts';

/** The minors that the product was tried on, the oldest that the chart takes first. */
export const kubernetesMinors = ['1.30', '1.33', '1.34', '1.35', '1.36', '1.37'] as const;

/** The one that a test bed has when nobody names another. */
export const defaultMinor = '1.36';

/** What serves the API; a node and its tools stay at the default. */
export type ApiBinary = 'kube-apiserver' | 'kube-controller-manager';

/** @throws BinaryError that names those that there are */
export function kubernetesModule(name: ApiBinary, minor: string): ToolModule {
  const known = kubernetesMinors.find((text) => text === minor);
  if (known === undefined) {
    throw new BinaryError(
      `Kubernetes ${minor} is none of those that can be built: ${kubernetesMinors.join(', ')}`,
    );
  }
  if (known === defaultMinor) return toolModules[name];
  return { ...toolModules[name], directory: `kubernetes-${known}` };
}
