import { clientIdAnnotation } from '../../api/meta.ts';
import type { Federation } from './setUp.ts';

/** A command that still lacks the client id at its end. Names of Kubernetes need no quotes. */
export function annotationCommand({ serviceAccount: { namespace, name } }: Federation): string {
  return `kubectl annotate serviceaccount ${name} --namespace ${namespace} --overwrite ${clientIdAnnotation}=`;
}
