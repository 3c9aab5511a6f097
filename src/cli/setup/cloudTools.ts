import type { Cloud } from '../../api/cloud.ts';

/** How the Azure CLI, PowerShell and the portal know a cloud that is not where they begin. */
export interface CloudTools {
  /** https://learn.microsoft.com/en-us/cli/azure/manage-clouds-azure-cli and Get-AzEnvironment, with the same names. */
  readonly name: string;
  readonly portal: string;
}

/** A custom cloud has whatever name its users registered it under. */
const tools: Readonly<Partial<Record<Cloud['name'], CloudTools>>> = {
  AzureChina: { name: 'AzureChinaCloud', portal: 'https://portal.azure.cn' },
  AzureUSGovernment: { name: 'AzureUSGovernment', portal: 'https://portal.azure.us' },
};

export const publicPortal = 'https://portal.azure.com';

export function toolsOf(cloud: Cloud['name']): CloudTools | undefined {
  return tools[cloud];
}
