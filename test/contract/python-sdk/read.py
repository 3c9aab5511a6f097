"""Reads a vault as any program would: official SDKs, nothing of them changed. Prints one JSON object."""

import json
import os
import sys

from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential, WorkloadIdentityCredential
from azure.keyvault.secrets import SecretClient


def refusal(call):
    try:
        call()
    except HttpResponseError as error:
        inner = error.error.innererror if error.error else None
        return {
            "status": error.status_code,
            "code": error.error.code if error.error else None,
            "innerCode": inner["code"] if inner else None,
        }
    return None


def client(credential):
    return SecretClient(vault_url=os.environ["VAULT_URL"], credential=credential, retry_total=0)


def main():
    # Reads AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE.
    secrets = client(WorkloadIdentityCredential())
    stranger = client(
        ClientSecretCredential(
            tenant_id=os.environ["AZURE_TENANT_ID"],
            client_id=os.environ["STRANGER_CLIENT_ID"],
            client_secret=os.environ["STRANGER_CLIENT_SECRET"],
        )
    )
    newest = secrets.get_secret("db")
    versions = sorted(secrets.list_properties_of_secret_versions("db"), key=lambda v: v.created_on)
    json.dump(
        {
            "value": newest.value,
            "tags": newest.properties.tags,
            "expiresOn": int(newest.properties.expires_on.timestamp()),
            "newestVersion": newest.properties.version,
            "firstValue": secrets.get_secret("db", versions[0].version).value,
            "versions": [version.version for version in versions],
            "names": [item.name for item in secrets.list_properties_of_secrets()],
            "missing": refusal(lambda: secrets.get_secret("missing")),
            "disabled": refusal(lambda: secrets.get_secret("disabled")),
            "forbidden": refusal(lambda: stranger.get_secret("db")),
            "throttled": refusal(lambda: secrets.backup_secret("db")),
        },
        sys.stdout,
    )


main()
