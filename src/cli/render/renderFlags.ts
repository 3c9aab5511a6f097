import type { Flags } from '../../options/flags.ts';

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
  'identity-client-id': {
    type: 'string',
    value: 'UUID',
    help: 'User-assigned identity of the host, by its client id. Default: the system-assigned one, or its only one; in a pod $AZURE_CLIENT_ID.',
  },
  'identity-object-id': { type: 'string', value: 'UUID', help: 'The same by its object id.' },
  'identity-resource-id': { type: 'string', value: 'ID', help: 'The same by its resource id.' },
} as const satisfies Flags;
