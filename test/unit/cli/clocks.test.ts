import { describe, expect, test } from 'vitest';
import { compareClocks } from '../../../src/cli/doctor/clocks.ts';
import { redact } from '../../../src/core/redacted.ts';

const date = Date.UTC(2026, 0, 1);
const vault = (answeredAt: number) => ({ probe: { status: 401, date }, answeredAt });

function signedAt(ms: number) {
  const claims = Buffer.from(JSON.stringify({ iat: ms / 1000 })).toString('base64url');
  return { token: redact(`e.${claims}.s`), issuer: 'i', subject: 's', expiresAt: 0 };
}

describe('the clocks', () => {
  test.each([
    ['this machine is wrong', date + 301_000, date, 'HostClockWrong'],
    ['this machine is behind', date - 301_000, date, 'HostClockWrong'],
    ['the control plane is wrong', date, date - 301_000, 'ControlPlaneClockWrong'],
  ])('when %s, that is said', async (_, answeredAt, signed, reason) => {
    const comparison = compareClocks(signedAt(signed), vault(answeredAt));

    await expect(comparison).rejects.toMatchObject({ problem: { reason } });
  });

  test('may differ by as much as Microsoft Entra ID bears', async () => {
    const { detail } = await compareClocks(signedAt(date - 300_000), vault(date + 300_000));

    expect(detail).toBe(
      'compared with the vault this machine is 300 s ahead, the control plane 300 s behind',
    );
  });

  test('are not judged where the vault names no time', async () => {
    const silent = { probe: { status: 401 }, answeredAt: date };

    expect(await compareClocks(undefined, silent)).toMatchObject({ value: 0 });
  });
});
