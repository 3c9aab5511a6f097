import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../../src/observability/metrics.ts';
import { createManualClock } from '../../support/manualClock.ts';

/** Not those of Node. */
const ours = /^(vaultsecret|workqueue|controller_runtime|leader_election|rest_client)_/;

/** Our own series, `name{labels}`: value. */
async function seriesOf({
  registry,
}: ReturnType<typeof createMetrics>): Promise<Map<string, number>> {
  const lines = (await registry.metrics()).split('\n');
  return new Map(
    lines
      .filter((line) => ours.test(line))
      .map((line) => [
        line.slice(0, line.lastIndexOf(' ')),
        Number(line.slice(line.lastIndexOf(' '))),
      ]),
  );
}

describe('metrics', () => {
  test('are there before anything happens, so that an increase from nothing is seen', async () => {
    const metrics = createMetrics('1.2.3', createManualClock(0));
    metrics.workqueue('vaultsecret');
    metrics.controller('vaultsecret');
    const series = await seriesOf(metrics);
    expect(series.get('vaultsecret_build_info{version="1.2.3"}')).toBe(1);
    for (const name of [
      'workqueue_adds_total{name="vaultsecret",controller="vaultsecret"}',
      'workqueue_depth{name="vaultsecret",controller="vaultsecret"}',
      'workqueue_retries_total{name="vaultsecret",controller="vaultsecret"}',
      'controller_runtime_active_workers{controller="vaultsecret"}',
      'controller_runtime_reconcile_total{controller="vaultsecret",result="success"}',
      'controller_runtime_reconcile_total{controller="vaultsecret",result="requeue_after"}',
      'controller_runtime_reconcile_total{controller="vaultsecret",result="error"}',
      'leader_election_master_status{name="vaultsecret"}',
      'vaultsecret_token_requests_total{kind="workloadIdentity",result="success"}',
      'vaultsecret_token_requests_total{kind="workloadIdentity",result="error"}',
      'vaultsecret_drift_repairs_total',
      'vaultsecret_secret_writes_total{operation="create"}',
      'vaultsecret_secret_writes_total{operation="update"}',
      'vaultsecret_secret_writes_total{operation="delete"}',
      'vaultsecret_status_writes_total',
      'vaultsecret_foreign_status_timestamp_seconds',
    ]) {
      expect([name, series.get(name)]).toEqual([name, 0]);
    }
  });

  test('say what they were told', async () => {
    const metrics = createMetrics('1', createManualClock(0));
    const queue = metrics.workqueue('vaultsecret');
    const controller = metrics.controller('vaultsecret');
    queue.added();
    queue.depth(3);
    queue.waited(0.2);
    queue.retried();
    controller.reconciled('success', 0.3);
    controller.active(2);
    metrics.informer.objects('secrets', 10);
    metrics.informer.relisted('secrets');
    metrics.informer.heard('secrets', 1_500);
    metrics.informer.unreadable('secrets');
    metrics.leader.leading(true);
    metrics.apiServer.requested('GET', '200', '10.0.0.1:443');
    metrics.keyVault.requested('a.vault.azure.net', 'get', '200', 0.02);
    metrics.keyVault.throttled('a.vault.azure.net', 1.5);
    metrics.token.requested('workloadIdentity', 'success');
    metrics.vaultSecret.driftRepaired();
    metrics.vaultSecret.secretWritten('create');
    metrics.vaultSecret.statusWritten();
    metrics.vaultSecret.foreignStatusSeen(2_500);
    const series = await seriesOf(metrics);
    expect(
      Object.fromEntries([...series].filter(([name]) => !name.includes('_bucket'))),
    ).toMatchObject({
      'workqueue_adds_total{name="vaultsecret",controller="vaultsecret"}': 1,
      'workqueue_depth{name="vaultsecret",controller="vaultsecret"}': 3,
      'workqueue_queue_duration_seconds_sum{name="vaultsecret",controller="vaultsecret"}': 0.2,
      'workqueue_retries_total{name="vaultsecret",controller="vaultsecret"}': 1,
      'controller_runtime_reconcile_total{controller="vaultsecret",result="success"}': 1,
      'controller_runtime_reconcile_time_seconds_sum{controller="vaultsecret"}': 0.3,
      'controller_runtime_active_workers{controller="vaultsecret"}': 2,
      'vaultsecret_informer_objects{resource="secrets"}': 10,
      'vaultsecret_informer_relists_total{resource="secrets"}': 1,
      'vaultsecret_informer_undecodable_total{resource="secrets"}': 1,
      'vaultsecret_informer_last_event_timestamp_seconds{resource="secrets"}': 1.5,
      'leader_election_master_status{name="vaultsecret"}': 1,
      'rest_client_requests_total{code="200",method="GET",host="10.0.0.1:443"}': 1,
      'vaultsecret_keyvault_requests_total{vault="a.vault.azure.net",operation="get",code="200"}': 1,
      'vaultsecret_keyvault_request_duration_seconds_count{vault="a.vault.azure.net",operation="get"}': 1,
      'vaultsecret_keyvault_throttle_wait_seconds_total{vault="a.vault.azure.net"}': 1.5,
      'vaultsecret_token_requests_total{kind="workloadIdentity",result="success"}': 1,
      vaultsecret_drift_repairs_total: 1,
      vaultsecret_foreign_status_timestamp_seconds: 2.5,
      'vaultsecret_secret_writes_total{operation="create"}': 1,
      vaultsecret_status_writes_total: 1,
    });
  });

  test('have no label that could hold the name of an object', async () => {
    const labels = (await createMetrics('1', createManualClock(0)).registry.getMetricsAsJSON())
      .filter(({ name }) => ours.test(name))
      .flatMap(({ values }) => values.flatMap((value) => Object.keys(value.labels)));
    const bounded = ['version', 'result', 'kind', 'operation', 'le', 'name'];
    expect([...new Set(labels)].filter((label) => !bounded.includes(label))).toEqual([]);
  });

  test('survey the fleet at each scrape', async () => {
    const metrics = createMetrics('1', createManualClock(0));
    let count = 1;
    let surveys = 0;
    metrics.fleet(() => {
      surveys += 1;
      return { ready: { True: count, False: 0, Unknown: 2 }, nextExpiry: 5_000 };
    });
    expect((await seriesOf(metrics)).get('vaultsecret_vaultsecrets{ready="True"}')).toBe(1);
    expect(surveys).toBe(1);
    count = 3;
    const series = await seriesOf(metrics);
    expect(series.get('vaultsecret_vaultsecrets{ready="True"}')).toBe(3);
    expect(series.get('vaultsecret_next_expiry_timestamp_seconds')).toBe(5);
    expect(series.get('vaultsecret_not_ready_since_timestamp_seconds')).toBe(0);
  });

  test('tell of the next client certificate that expires, and of none when there is none', async () => {
    const metrics = createMetrics('1', createManualClock(0));
    let expiries = [9_000, 7_000];
    metrics.certificates(() => expiries);
    const name = 'vaultsecret_next_client_certificate_expiry_timestamp_seconds';
    expect((await seriesOf(metrics)).get(name)).toBe(7);
    expiries = [];
    expect((await seriesOf(metrics)).get(name)).toBe(0);
  });

  test('name hosts and vaults only while there is something to tell', async () => {
    const metrics = createMetrics('1', createManualClock(0));
    metrics.net.breaker('a.vault.azure.net', true);
    metrics.keyVault.requested('a.vault.azure.net', 'get', '200', 0.02);
    metrics.keyVault.budgetLeft('a.vault.azure.net', 7);
    const breaker = 'vaultsecret_breaker_open{host="a.vault.azure.net"}';
    const budget = 'vaultsecret_keyvault_budget_requests{vault="a.vault.azure.net"}';
    const during = await seriesOf(metrics);
    expect([during.get(breaker), during.get(budget)]).toEqual([1, 7]);
    metrics.net.breaker('a.vault.azure.net', false);
    metrics.keyVault.budgetLeft('a.vault.azure.net', undefined);
    const after = await seriesOf(metrics);
    expect([after.has(breaker), after.has(budget)]).toEqual([false, false]);
  });

  test('say of a vault from its first request on how long others waited for it', async () => {
    const metrics = createMetrics('1', createManualClock(0));
    metrics.keyVault.requested('a.vault.azure.net', 'get', '200', 0.02);
    expect(
      (await seriesOf(metrics)).get(
        'vaultsecret_keyvault_throttle_wait_seconds_total{vault="a.vault.azure.net"}',
      ),
    ).toBe(0);
  });

  test('give no name to a vault that never answered, of which there may be any number', async () => {
    const metrics = createMetrics('1', createManualClock(0));
    metrics.keyVault.budgetLeft('misspelt.vault.azure.net', 7);
    metrics.keyVault.throttled('misspelt.vault.azure.net', 1);
    const series = [...(await seriesOf(metrics)).keys()];
    expect(series.filter((name) => name.includes('misspelt'))).toEqual([]);
  });
});
