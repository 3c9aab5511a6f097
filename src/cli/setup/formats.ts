import { OptionsError } from '../../options/optionsError.ts';
import { armTemplate } from './armTemplate.ts';
import { azScript } from './azScript.ts';
import { bicepFile } from './bicepFile.ts';
import { deploymentOf } from './deployment.ts';
import { portalSteps } from './portalSteps.ts';
import { powerShellScript } from './powerShellScript.ts';
import type { SetUp } from './setUp.ts';

export const formats = ['az', 'powershell', 'arm', 'bicep', 'portal'] as const;
export type Format = (typeof formats)[number];

const renderers: Readonly<Record<Format, (setUp: SetUp) => string>> = {
  az: azScript,
  powershell: powerShellScript,
  arm: armTemplate,
  bicep: bicepFile,
  portal: portalSteps,
};

/** @throws OptionsError for what a format cannot say */
export function renderSetUp(setUp: SetUp, format: Format): string {
  const problem = limitOf(setUp, format);
  if (problem !== undefined) throw new OptionsError(problem);
  return renderers[format](setUp);
}

function limitOf(setUp: SetUp, format: Format): string | undefined {
  const { identity, vault } = setUp;
  if (identity.kind === 'userAssigned' && identity.binding !== undefined && format !== 'az')
    return `--as ${format} knows no identity binding, for which Microsoft has commands of the Azure CLI; choose --as az`;
  const { resourceGroup } = deploymentOf(setUp);
  if (format === 'bicep' && resourceGroup !== vault.resourceGroup)
    return `--as bicep makes one file for one resource group, and the identity is to be made in ${resourceGroup}, the vault is in ${vault.resourceGroup}; choose --as arm`;
  const { host } = identity;
  return format === 'powershell' && host?.kind === 'webapp' && identity.kind === 'userAssigned'
    ? '--as powershell has no cmdlet that puts a user-assigned identity on a web app; choose --as az'
    : undefined;
}
