// Command get-token gets a token for Key Vault by the one way that the argument names, as any program would.
// It prints one JSON object.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

type answer struct {
	Token   string `json:"token,omitempty"`
	Refusal string `json:"refusal,omitempty"`
}

func main() {
	scopes := []string{"https://vault.azure.net/.default"}
	token, err := credential(os.Args[1]).GetToken(context.Background(), policy.TokenRequestOptions{Scopes: scopes})
	found := answer{Token: token.Token}
	if err != nil {
		found.Refusal = err.Error()
	}
	check(json.NewEncoder(os.Stdout).Encode(found))
}

func credential(way string) azcore.TokenCredential {
	tenant, client := os.Getenv("AZURE_TENANT_ID"), os.Getenv("AZURE_CLIENT_ID")
	switch way {
	case "workloadIdentity":
		// Reads AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE.
		made, err := azidentity.NewWorkloadIdentityCredential(nil)
		check(err)
		return made
	case "managedIdentity":
		options := &azidentity.ManagedIdentityCredentialOptions{}
		if id := os.Getenv("MANAGED_CLIENT_ID"); id != "" {
			options.ID = azidentity.ClientID(id)
		}
		made, err := azidentity.NewManagedIdentityCredential(options)
		check(err)
		return made
	case "clientSecret":
		made, err := azidentity.NewClientSecretCredential(tenant, client, os.Getenv("CLIENT_SECRET"), nil)
		check(err)
		return made
	case "clientCertificate":
		file, err := os.ReadFile(os.Getenv("CERTIFICATE_FILE"))
		check(err)
		certificates, key, err := azidentity.ParseCertificates(file, nil)
		check(err)
		made, err := azidentity.NewClientCertificateCredential(tenant, client, certificates, key, nil)
		check(err)
		return made
	}
	log.Fatalf("there is no way %q", way)
	return nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
