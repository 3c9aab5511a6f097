import { assignmentOnHost, setCloud } from './azScript.ts';
import { flag, lineBreak, shellCommand } from './shellWords.ts';
import type { SetUp } from './setUp.ts';

/** How a template is deployed. */
export interface Deployment {
  /** Where to: what is made is made here. */
  readonly resourceGroup: string;
  /** Commands in their order, those included that no template does: to deploy a host again could change it. */
  readonly description: (file: string) => string;
}

export function deploymentOf(setUp: SetUp): Deployment {
  const { cloud, identity, vault, subscription } = setUp;
  const makesIdentity =
    identity.kind === 'userAssigned' && (!identity.exists || identity.federation !== undefined);
  const resourceGroup = makesIdentity ? identity.resourceGroup : vault.resourceGroup;
  const onHost = assignmentOnHost(identity)?.replaceAll(lineBreak, ' ');
  return {
    resourceGroup,
    description(file) {
      const deploy = shellCommand(
        ['az', 'deployment', 'group', 'create'],
        flag('--resource-group', resourceGroup),
        flag('--template-file', file),
        ...(subscription === undefined ? [] : [flag('--subscription', subscription)]),
      );
      const begin = cloud === undefined ? '' : `In its cloud, ${setCloud(cloud)}: `;
      if (onHost === undefined) return `${begin}Deploy with: ${deploy}`;
      return identity.kind === 'systemAssigned'
        ? `${begin}First: ${onHost}; then deploy with: ${deploy}`
        : `${begin}Deploy with: ${deploy}; then: ${onHost}`;
    },
  };
}
