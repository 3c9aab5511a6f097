import { matching } from './matching.ts';

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names */
export function objectName() {
  return matching({
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    problem:
      'must be a name of Kubernetes: lower-case letters, digits, "-" and ".", each part between dots with a letter or digit at both ends',
    min: 1,
    max: 253,
  });
}
