"""Gets a token for Key Vault by the one way that the argument names, as any program would. Prints one JSON object."""

import json
import os
import sys

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    CredentialUnavailableError,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

APPLICATION = {
    "tenant_id": os.environ.get("AZURE_TENANT_ID"),
    "client_id": os.environ.get("AZURE_CLIENT_ID"),
}

CREDENTIALS = {
    # Reads AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE.
    "workloadIdentity": lambda: WorkloadIdentityCredential(),
    "managedIdentity": lambda: ManagedIdentityCredential(client_id=os.environ.get("MANAGED_CLIENT_ID")),
    "clientSecret": lambda: ClientSecretCredential(client_secret=os.environ["CLIENT_SECRET"], **APPLICATION),
    "clientCertificate": lambda: CertificateCredential(
        certificate_path=os.environ["CERTIFICATE_FILE"], **APPLICATION
    ),
}


def main():
    credential = CREDENTIALS[sys.argv[1]]()
    try:
        answer = {"token": credential.get_token("https://vault.azure.net/.default").token}
    except (ClientAuthenticationError, CredentialUnavailableError) as error:
        answer = {"refusal": str(error)}
    json.dump(answer, sys.stdout)


main()
