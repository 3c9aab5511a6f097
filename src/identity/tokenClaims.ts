import { z } from 'zod';
import { reveal, type Redacted } from '../core/redacted.ts';
import { payloadOf } from './tokenPayload.ts';

/** https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference */
const claimsSchema = z.object({
  iss: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  /** Seconds since the Unix epoch. */
  iat: z.number().optional(),
  exp: z.number().optional(),
  appid: z.string().optional(),
  oid: z.string().optional(),
  tid: z.string().optional(),
  /** Of a managed identity: its own resource, or the host that has it. */
  xms_mirid: z.string().optional(),
});

export type TokenClaims = Readonly<z.infer<typeof claimsSchema>>;

/** For people to look at: read, not verified. Empty for what is no JWT, as Azure promises none. */
export function tokenClaims(token: Redacted<string>): TokenClaims {
  try {
    return claimsSchema.parse(payloadOf(reveal(token)));
  } catch {
    return {};
  }
}
