import type { AdminCall } from './adminCall.ts';
import { readList } from './adminInput.ts';
import { registrySchema } from './containerRegistry.ts';

export const registryCalls: readonly AdminCall[] = [
  {
    method: 'POST',
    path: '/registries',
    description:
      'Adds container registries, or replaces them: readers are the client ids that may log in.',
    body: '[{name, readers?: [clientId], status?, challenge?: {realm, service}}]',
    run({ state, body }) {
      for (const registry of readList(registrySchema, body))
        state.registries.set(registry.name, registry);
      return undefined;
    },
  },
];
