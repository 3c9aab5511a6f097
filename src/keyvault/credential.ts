import { ReconcileError } from '../core/errors/errors.ts';
import { reveal } from '../core/redacted.ts';
import type { ObtainedToken, ReadRequest, RefusedToken, TokenSource } from '../ports/azure.ts';
import { otherTenantError, readDetails } from './errors.ts';

/** What the official client says of the challenge that it met. */
interface ChallengeOptions {
  readonly tenantId?: string;
  readonly claims?: string;
}

/** The token of one read, given to the client only after the vault has said whose it is. */
export class VaultCredential {
  readonly #tokens: TokenSource;
  readonly #request: ReadRequest;
  #given: ObtainedToken | undefined;
  #refused: RefusedToken | undefined;

  constructor(tokens: TokenSource, request: ReadRequest) {
    this.#tokens = tokens;
    this.#request = request;
  }

  /** The request, with what its token told of whom it speaks for. */
  asked(): ReadRequest {
    const { identity } = this.#request;
    const id = this.#given?.clientId;
    if (identity.kind !== 'managedIdentity' || id === undefined) return this.#request;
    return { ...this.#request, identity: { ...identity, assigned: { by: 'clientId', id } } };
  }

  /** The vault did not take the token: the next one will be another. False when it was given none. */
  refuse(claims?: string): boolean {
    if (this.#given === undefined) return false;
    this.#refused = { token: this.#given, claims };
    return true;
  }

  /** @throws ReconcileError VaultNotTrusted, VaultInOtherTenant, or of the token source */
  async getToken(scopes: string | string[], { tenantId, claims }: ChallengeOptions = {}) {
    const { identity } = this.#request;
    const { scope } = identity.cloud;
    if (String(scopes) !== scope || tenantId === undefined)
      throw new ReconcileError('VaultNotTrusted', { details: readDetails(this.#request) });
    if (tenantId.toLowerCase() !== identity.tenantId) throw otherTenantError(this.#request);
    if (claims !== undefined) this.refuse(claims);
    this.#given = await this.#tokens.acquire({ identity, scope, refused: this.#refused });
    return { token: reveal(this.#given.token), expiresOnTimestamp: this.#given.expiresAt };
  }
}
