import { describe, expect, test } from 'vitest';
import { readArguments, UsageError } from '../../e2e/arguments.ts';

describe('npm run e2e', () => {
  test('passes files and what follows -- on to vitest', () => {
    const { vitestArguments } = readArguments(['--k3s', 'failover', '--', '-t', 'killed']);
    expect(vitestArguments).toEqual(['failover', '-t', 'killed']);
  });

  test('takes a cluster, how its nodes get images, and where its pods reach this machine', () => {
    const flags = ['--kubeconfig=k', '--load-images=kind load image-archive'];
    expect(readArguments([...flags, '--host-address=10.1.2.3'])).toEqual({
      help: false,
      k3s: false,
      kubeconfig: 'k',
      loadImages: 'kind load image-archive',
      hostAddress: '10.1.2.3',
      vitestArguments: [],
    });
  });

  test.each([
    [['--kubeconfg=k'], /'--kubeconfg'.*npm run e2e -- --help/],
    [['--load-images=x'], /go with --kubeconfig/],
    [['--host-address=10.1.2.3'], /go with --kubeconfig/],
    [['--kubeconfig=k', '--k3s'], /name two clusters/],
  ])('refuses %j and says what to change', (args, problem) => {
    expect(() => readArguments(args)).toThrow(UsageError);
    expect(() => readArguments(args)).toThrow(problem);
  });
});
