import { z } from 'zod';
import { reviewAccess } from './review.ts';
import type { AccessLists } from '../../kube/accessLists.ts';
import type { Options } from '../../options/options.ts';
import { defineCommand, type Command } from '../command.ts';
import { outputFlag, outputInput } from '../outputFlag.ts';
import { accessJson, accessNotes, accessTable } from './accessReport.ts';

/** With the rights of the caller. @throws KubeConfigError, KubeApiError */
export type ListForAccess = (
  options: Options,
  namespace: string | undefined,
  signal: AbortSignal,
) => Promise<AccessLists>;

const flags = {
  namespace: {
    type: 'string',
    short: 'n',
    value: 'NAME',
    help: 'Shows this namespace only. Default: all.',
  },
  ...outputFlag,
} as const;

const inputSchema = z.object({
  namespace: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be the name of a namespace')
    .optional(),
  ...outputInput,
});

/** An answer that is not whole says so, and exits with 1. */
export function createAccessCommand(list: ListForAccess): Command {
  return defineCommand({
    name: 'access',
    summary: 'Shows who can read what: identities, vaults and objects of each namespace',
    heeds: ['kubeconfig', 'context', 'azure-tenant-id'],
    operands: [],
    flags,
    input: inputSchema,
    description: `A row says what whoever may create VaultSecrets in that namespace can have read, and the lines below it
what is read now. Whether Azure lets the identity read it, Azure says:
az role assignment list --assignee ID --all, and the access policies of the vault.`,
    async run({ namespace, output }, { options, signal }) {
      const { missing, ...lists } = await list(options, namespace, signal);
      const review = reviewAccess({ ...lists, defaultTenantId: options.azureTenantId });
      const reaches = review.reaches.filter(
        (reach) => namespace === undefined || reach.namespace === namespace,
      );
      const report = { ...review, reaches, missing };
      return {
        output: output === 'json' ? accessJson(report) : accessTable(report),
        notes: accessNotes(report),
        exitCode: missing.length === 0 ? 0 : 1,
      };
    },
  });
}
