import { clusterRoles } from '../../testbed/kubeResources.ts';
import { allowMetrics } from '../../support/metricsAccess.ts';
import { clusterScenarios, connectionScenarios } from './connectionScenarios.ts';
import { leaseScenarios } from './leaseScenarios.ts';
import type { RuleFile } from './ruleFiles.ts';
import type { Scenario } from './scenario.ts';
import { syncScenarios } from './syncScenarios.ts';

/** Of a controller that is told what it may not list, and by what to change that. */
export const start: Scenario = {
  act: async ({ controller }) => ({
    comesAbout: async () => controller.untilReady(),
    hasComeAbout: async () =>
      controller.untilReady().then(
        () => true,
        () => false,
      ),
  }),
};

/** Of the metrics, when they are not open to everybody. */
const metricsScenarios = {
  'give the metrics to whoever may get them': {
    async act(scene) {
      const { kube } = scene.world;
      const { namespace, serviceAccountName: name } = scene.team;
      const rules = [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }];
      await kube.create(clusterRoles, { metadata: { name: `metrics-${namespace}` }, rules });
      await allowMetrics(kube, { namespace, name }, `metrics-${namespace}`);
      const token = await kube.requestToken({ namespace, name });
      const status = await scene.scrape(token);
      return {
        async comesAbout() {
          if (status !== 200) throw new Error(`status ${status}`);
        },
        hasComeAbout: async () => status === 200,
      };
    },
  },
} as const satisfies Readonly<Record<string, Scenario>>;

export const namespaceScenarios = {
  ...syncScenarios,
  ...connectionScenarios,
  ...metricsScenarios,
};
export const scenarios = { start, ...namespaceScenarios, ...clusterScenarios, ...leaseScenarios };

export type ScenarioName = keyof typeof scenarios;

/** What the controller can no longer do without the right. */
export const shownBy: Readonly<Record<RuleFile, Readonly<Record<string, ScenarioName>>>> = {
  'cluster-role-rules': {
    'get vaultsecret.dev clustervaultconnections': 'say that a ClusterVaultConnection is missing',
    'list vaultsecret.dev clustervaultconnections': 'start',
    'watch vaultsecret.dev clustervaultconnections': 'follow a ClusterVaultConnection',
    'patch vaultsecret.dev clustervaultconnections/status':
      'say what it makes of a ClusterVaultConnection',
    'get namespaces': 'say that a ClusterVaultConnection wants another label',
    'list namespaces': 'start',
    'watch namespaces': 'follow the labels of namespaces',
  },
  'namespace-role-rules': {
    'get vaultsecret.dev vaultsecrets': 'put back an owner reference',
    'list vaultsecret.dev vaultsecrets': 'start',
    'watch vaultsecret.dev vaultsecrets': 'see a VaultSecret that is made later',
    'get vaultsecret.dev vaultconnections': 'say that a VaultConnection is missing',
    'list vaultsecret.dev vaultconnections': 'start',
    'watch vaultsecret.dev vaultconnections': 'follow a VaultConnection',
    'patch vaultsecret.dev vaultconnections/status': 'say what it makes of a VaultConnection',
    'patch vaultsecret.dev vaultsecrets/status': 'say that a VaultSecret is synced',
    'patch vaultsecret.dev vaultsecrets': 'merge into a Secret of others',
    'get secrets': 'adopt a Secret',
    'list secrets': 'start',
    'watch secrets': 'repair a Secret that somebody changed',
    'create secrets': 'make the Secret of a VaultSecret',
    'patch secrets': 'make the Secret of a VaultSecret',
    'delete secrets': 'replace a Secret by one of another type',
    'get serviceaccounts': 'say that a ServiceAccount is missing',
    'list serviceaccounts': 'start',
    'watch serviceaccounts': 'follow the identity that is bound to a ServiceAccount',
    'create serviceaccounts/token': 'make the Secret of a VaultSecret',
    'create events.k8s.io events': 'tell a repair by an Event',
    'patch events.k8s.io events': 'count a repeated Event',
  },
  'metrics-review-rules': {
    'create authentication.k8s.io tokenreviews': 'give the metrics to whoever may get them',
    'create authorization.k8s.io subjectaccessreviews': 'give the metrics to whoever may get them',
  },
  'role-rules': {
    'get coordination.k8s.io leases': 'lead where nobody led before',
    'create coordination.k8s.io leases': 'lead where nobody led before',
    'update coordination.k8s.io leases': 'lead after another',
    'watch coordination.k8s.io leases': 'lead at once when another gives up the Lease',
  },
};
