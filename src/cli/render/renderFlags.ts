import type { Flags } from '../../options/flags.ts';
import { identityFlags } from '../hostIdentityFlags.ts';

export const renderFlags = {
  file: {
    type: 'string',
    short: 'f',
    value: 'FILE',
    help: 'Manifest of the VaultSecret, and of its connection if it names one. - is standard input.',
  },
  as: {
    type: 'string',
    value: 'FORMAT',
    help: 'env (variables), files (one for each data key) or yaml (a Secret).',
  },
  output: {
    type: 'string',
    short: 'o',
    value: 'DIR',
    help: 'Folder to write into, for its owner alone. Default for env and yaml: standard output.',
  },
  namespace: {
    type: 'string',
    short: 'n',
    value: 'NAME',
    help: 'Namespace, where the manifest names none.',
  },
  ...identityFlags,
} as const satisfies Flags;
