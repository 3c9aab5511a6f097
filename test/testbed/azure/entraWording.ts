import { randomUUID } from 'node:crypto';
import type { EntraRefusal } from './entraErrors.ts';
import type { Answer } from './httpAnswer.ts';

interface Wording {
  text: string;
  /** Between the text and the lines of the trace. */
  joiner: '\r\n' | ' ';
  hasUri: boolean;
}

interface EarlierText {
  /** The first day of the next text, between the last quote of this one and the first of that. */
  until: string;
  rewrite: (today: string) => string;
  hasUri?: boolean;
}

const federationHelp = /(?:Check|Please check) your federated.*$/;
const please =
  'Please check your federated identity credential Subject, Audience and Issuer against the presented assertion.';
const learnPage = 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation';
const docsPage =
  'https://docs.microsoft.com/en-us/azure/active-directory/develop/workload-identity-federation';

/** Quoted on 2024-04-16, 2024-04-26 and 2024-07-04. */
const ofEarly2024: EarlierText = {
  until: '2024-08-01',
  rewrite: (today) => today.replace(federationHelp, `${please} ${docsPage}`),
};
/** Quoted on 2025-07-01. */
const ofEarly2025: EarlierText = {
  until: '2025-10-01',
  rewrite: (today) => today.replace(federationHelp, `${please} ${learnPage}`),
};

/** By code, oldest first. Days of quotes are the time stamps in them. */
const earlierTexts: Readonly<Record<number, readonly EarlierText[]>> = {
  // The example of 2016 in https://learn.microsoft.com/azure/active-directory/develop/v1-protocols-oauth-code.
  50001: [{ until: '2019-01-01', rewrite: (today) => today, hasUri: false }],
  // Recorded on 2021-08-05; today's is quoted from 2022-08-02 on.
  90002: [
    {
      until: '2022-01-01',
      rewrite: (today) =>
        today.replace(
          /(?<=not found\.) .*$/,
          ' This may happen if there are no active subscriptions for the tenant. Check to make sure you have the correct tenant ID. Check with your subscription administrator.',
        ),
    },
  ],
  // Quoted on 2022-01-20 without the page, on 2022-10-04 with it.
  70021: [{ until: '2022-06-01', rewrite: (today) => today.replace(` ${docsPage}`, '') }],
  // Quoted until 2021-07-05; today's is recorded on 2022-08-08.
  7000215: [{ until: '2021-10-01', rewrite: () => 'Invalid client secret is provided.' }],
  // Quoted without error_uri on 2019-10-31 and 2020-04-13, longer on 2020-10-26, with the application on 2023-03-02.
  7000222: [
    {
      until: '2020-08-01',
      rewrite: () => 'The provided client secret keys are expired.',
      hasUri: false,
    },
    {
      until: '2021-10-01',
      rewrite: () =>
        'The provided client secret keys are expired. Visit the Azure Portal to create new keys for your app, or consider using certificate credentials for added security: https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials',
    },
  ],
  700211: [ofEarly2024, ofEarly2025],
  700212: [ofEarly2024, ofEarly2025],
  // The sentence about the comparison is quoted on 2024-11-06, and no more on 2025-11-03.
  700213: [
    ofEarly2024,
    {
      until: '2025-10-01',
      rewrite: (today) =>
        today.replace(
          federationHelp,
          (help) =>
            `Please note that the matching is done using a case-sensitive comparison. ${help}`,
        ),
    },
  ],
};

/** Spaces are quoted from 2023-12-08 on, CRLF until 2023-08-17. */
const spacesSince = '2023-10-01';
/** Until then every mismatch of a federated credential was AADSTS70021. */
export const detailedFederationSince = '2023-10-01';

function wordingOf({ code, text }: EntraRefusal, day: string | undefined): Wording {
  if (day === undefined) return { text, joiner: ' ', hasUri: true };
  const earlier = earlierTexts[code]?.find(({ until }) => day < until);
  return {
    text: earlier?.rewrite(text) ?? text,
    joiner: day < spacesSince ? '\r\n' : ' ',
    hasUri: earlier?.hasUri ?? true,
  };
}

export interface Refused {
  nowMs: number;
  correlationId: string;
  /** The day of whose words, as YYYY-MM-DD; today's unless given. */
  day: string | undefined;
}

export function refusalAnswer(
  refusal: EntraRefusal,
  { nowMs, correlationId, day }: Refused,
): Answer & { traceId: string } {
  const traceId = randomUUID();
  const timestamp = `${new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const { code } = refusal;
  const { text, joiner, hasUri } = wordingOf(refusal, day);
  return {
    traceId,
    status: refusal.status,
    headers: { 'x-ms-clitelem': `1,${code},0,,` },
    body: {
      error: refusal.error,
      error_description: [
        `AADSTS${code}: ${text}`,
        `Trace ID: ${traceId}`,
        `Correlation ID: ${correlationId}`,
        `Timestamp: ${timestamp}`,
      ].join(joiner),
      error_codes: [code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      ...(hasUri ? { error_uri: `https://login.microsoftonline.com/error?code=${code}` } : {}),
    },
  };
}
