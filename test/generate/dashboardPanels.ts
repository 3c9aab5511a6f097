/** One query each, so that a test can ask them all. */
export interface Panel {
  readonly type: 'stat' | 'timeseries';
  readonly title: string;
  readonly description: string;
  /** https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit */
  readonly unit: string;
  readonly expr: string;
  readonly legend: string;
}

const target = 'cluster=~"$cluster",namespace=~"$namespace",job=~"$job"';
/** A metric of the chosen controllers, further selected. */
const of = (metric: string, ...matchers: string[]): string =>
  `${metric}{${[target, ...matchers].join(',')}}`;
const rate = (series: string, labels: string): string =>
  `sum by (${labels}) (rate(${series}[$__rate_interval]))`;
const slowest = (histogram: string, labels: string): string =>
  `histogram_quantile(0.99, ${rate(of(`${histogram}_bucket`), `${labels}, le`)})`;
/** All replicas of a release see the same VaultSecrets. */
const once = (series: string, ...labels: string[]): string =>
  `max by (${['cluster', 'namespace', 'job', ...labels].join(', ')}) (${series})`;

const stat = (panel: Omit<Panel, 'type' | 'legend'>): Panel => ({
  type: 'stat',
  legend: '',
  ...panel,
});
const graph = (panel: Omit<Panel, 'type'>): Panel => ({ type: 'timeseries', ...panel });

export const panels: readonly Panel[] = [
  stat({
    title: 'Ready',
    description: 'VaultSecrets whose Secret is true to Key Vault.',
    unit: 'short',
    expr: `sum(${once(of('vaultsecret_vaultsecrets', 'ready="True"'), 'ready')})`,
  }),
  stat({
    title: 'Not ready',
    description: 'VaultSecrets that are not, suspended ones without a Secret included.',
    unit: 'short',
    expr: `sum(${once(of('vaultsecret_vaultsecrets', 'ready!="True"'), 'ready')})`,
  }),
  stat({
    title: 'Longest not ready',
    description: 'Of all VaultSecrets that are not ready and not suspended.',
    unit: 's',
    expr: `time() - min(${of('vaultsecret_not_ready_since_timestamp_seconds')} > 0)`,
  }),
  stat({
    title: 'Next object expires in',
    description: 'Of all versions that are in Secrets.',
    unit: 's',
    expr: `min(${of('vaultsecret_next_expiry_timestamp_seconds')} > 0) - time()`,
  }),
  stat({
    title: 'Next client certificate expires in',
    description: 'Of those in Secrets; of client secrets only Microsoft Entra ID knows.',
    unit: 's',
    expr: `min(${of('vaultsecret_next_client_certificate_expiry_timestamp_seconds')} > 0) - time()`,
  }),
  stat({
    title: 'Leaders',
    description: 'One for each release.',
    unit: 'short',
    expr: `sum(${of('leader_election_master_status', 'name="vaultsecret"')})`,
  }),
  graph({
    title: 'Longest wait',
    description: 'Of a VaultSecret, for a worker or for the turn of its vault, by priority.',
    unit: 's',
    expr: once(of('vaultsecret_longest_wait_seconds'), 'priority'),
    legend: '{{priority}}',
  }),
  graph({
    title: 'Oldest overdue refresh',
    description: 'Of the VaultSecrets that say that they are in sync.',
    unit: 's',
    expr: once(of('vaultsecret_oldest_overdue_refresh_seconds')),
    legend: '{{namespace}}',
  }),
  graph({
    title: 'VaultSecrets by Ready',
    description: 'Unknown: no controller has looked at them yet.',
    unit: 'short',
    expr: `sum by (ready) (${once(of('vaultsecret_vaultsecrets'), 'ready')})`,
    legend: '{{ready}}',
  }),
  graph({
    title: 'Reconciles by result',
    description: 'With nothing to do there are next to none.',
    unit: 'ops',
    expr: rate(of('controller_runtime_reconcile_total'), 'controller, result'),
    legend: '{{controller}} {{result}}',
  }),
  graph({
    title: 'Reconcile time, 99 %',
    description: 'Requests to Azure and the API server included.',
    unit: 's',
    expr: slowest('controller_runtime_reconcile_time_seconds', 'controller'),
    legend: '{{controller}}',
  }),
  graph({
    title: 'Keys that wait',
    description: 'Not those that wait for their next refresh.',
    unit: 'short',
    expr: `sum by (name) (${of('workqueue_depth')})`,
    legend: '{{name}}',
  }),
  graph({
    title: 'Key Vault requests by status',
    description: '401: the vault is asked for its challenge. 429: it is throttled.',
    unit: 'reqps',
    expr: rate(of('vaultsecret_keyvault_requests_total'), 'vault, code'),
    legend: '{{vault}} {{code}}',
  }),
  graph({
    title: 'Key Vault latency, 99 %',
    description: 'Of single requests.',
    unit: 's',
    expr: slowest('vaultsecret_keyvault_request_duration_seconds', 'vault'),
    legend: '{{vault}}',
  }),
  graph({
    title: "Waiting for a vault's budget",
    description: 'Seconds that requests wait in a second, so that the vault is not asked too much.',
    unit: 's',
    expr: rate(of('vaultsecret_keyvault_throttle_wait_seconds_total'), 'vault'),
    legend: '{{vault}}',
  }),
  graph({
    title: 'Hosts that do not answer',
    description: 'Absent while all do.',
    unit: 'short',
    expr: `max by (host) (${of('vaultsecret_breaker_open')})`,
    legend: '{{host}}',
  }),
  graph({
    title: 'Tokens by result',
    description: 'Asked of Microsoft Entra ID, or of the node.',
    unit: 'ops',
    expr: rate(of('vaultsecret_token_requests_total'), 'kind, result'),
    legend: '{{kind}} {{result}}',
  }),
  graph({
    title: 'Writes of Secrets',
    description: 'None while nothing changes.',
    unit: 'ops',
    expr: rate(of('vaultsecret_secret_writes_total'), 'operation'),
    legend: '{{operation}}',
  }),
  graph({
    title: 'Foreign changes undone',
    description: 'Somebody else edits Secrets that are ours.',
    unit: 'ops',
    expr: rate(of('vaultsecret_drift_repairs_total'), 'namespace'),
    legend: '{{namespace}}',
  }),
  graph({
    title: 'Time since another controller was seen',
    description: 'It serves the same VaultSecrets. Absent while there was none.',
    unit: 's',
    expr: `time() - max by (namespace) (${of('vaultsecret_foreign_status_timestamp_seconds')} > 0)`,
    legend: '{{namespace}}',
  }),
  graph({
    title: 'API server requests by status',
    description: 'Renewals of the Lease included.',
    unit: 'reqps',
    expr: rate(of('rest_client_requests_total'), 'method, code'),
    legend: '{{method}} {{code}}',
  }),
  graph({
    title: 'Memory',
    description: 'Resident.',
    unit: 'bytes',
    expr: `max by (pod, instance) (${of('process_resident_memory_bytes')})`,
    legend: '{{pod}} {{instance}}',
  }),
  graph({
    title: 'Processor',
    description: 'Cores in use.',
    unit: 'short',
    expr: rate(of('process_cpu_seconds_total'), 'pod, instance'),
    legend: '{{pod}} {{instance}}',
  }),
];
