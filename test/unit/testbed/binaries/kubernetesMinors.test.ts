import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { BinaryError } from '../../../testbed/binaries/binaryError.ts';
import {
  defaultMinor,
  kubernetesMinors,
  kubernetesModule,
} from '../../../testbed/binaries/kubernetesMinors.ts';

const root = resolve(import.meta.dirname, '../../../..');
const modules = resolve(root, 'test/testbed/binaries');
const read = (file: string): string => readFileSync(resolve(root, file), 'utf8');

describe('Kubernetes', () => {
  test.each(kubernetesMinors)('%s is built from modules of that minor', (minor) => {
    const { directory, package: built } = kubernetesModule('kube-apiserver', minor);
    const [, patch] = minor.split('.');
    const goMod = read(`test/testbed/binaries/${directory}/go.mod`);

    expect(goMod).toContain(`\t${built}\n`);
    expect(goMod).toContain(`\tk8s.io/kubernetes v${minor}.`);
    expect(goMod).toContain(`k8s.io/apiserver => k8s.io/apiserver v0.${patch}.`);
  });

  test.each(kubernetesMinors)('%s stands in docs/install.md as it is built', (minor) => {
    const { directory } = kubernetesModule('kube-apiserver', minor);
    const goMod = read(`test/testbed/binaries/${directory}/go.mod`);
    const [, version] = /\tk8s[.]io\/kubernetes v(\S+)/.exec(goMod) ?? [];

    expect(read('docs/install.md')).toMatch(
      new RegExp(`^[|] ${minor} +[|] ${version} +[|] .*all pass`, 'm'),
    );
  });

  test('has no module that no minor names', () => {
    const directories = readdirSync(modules).filter((name) => name.startsWith('kubernetes-'));
    const expected = kubernetesMinors.filter((minor) => minor !== defaultMinor);
    expect(directories.toSorted()).toEqual(expected.map((minor) => `kubernetes-${minor}`));
  });

  test('of another minor is refused with those that there are', () => {
    expect(() => kubernetesModule('kube-apiserver', '1.29')).toThrow(BinaryError);
    expect(() => kubernetesModule('kube-apiserver', '1.29')).toThrow(kubernetesMinors.join(', '));
  });

  test('is taken by the chart from the oldest minor on that was tried', () => {
    const { kubeVersion } = z
      .object({ kubeVersion: z.string() })
      .parse(parse(read('deploy/helm/Chart.yaml')));
    expect(kubeVersion).toBe(`>=${kubernetesMinors[0]}.0-0`);
  });
});
