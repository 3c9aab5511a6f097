// Command go-sdk reads a vault as any program would: official SDKs, nothing of them changed.
// It prints one JSON object.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"sort"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
)

type refusal struct {
	Status    int    `json:"status"`
	Code      string `json:"code"`
	InnerCode string `json:"innerCode,omitempty"`
}

type report struct {
	Value         string             `json:"value"`
	Tags          map[string]*string `json:"tags"`
	ExpiresOn     int64              `json:"expiresOn"`
	NewestVersion string             `json:"newestVersion"`
	FirstValue    string             `json:"firstValue"`
	Versions      []string           `json:"versions"`
	Names         []string           `json:"names"`
	Missing       *refusal           `json:"missing"`
	Disabled      *refusal           `json:"disabled"`
	Forbidden     *refusal           `json:"forbidden"`
	Throttled     *refusal           `json:"throttled"`
}

func main() {
	ctx := context.Background()
	// Reads AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE.
	workload, err := azidentity.NewWorkloadIdentityCredential(nil)
	check(err)
	secrets := client(workload)
	secret, err := azidentity.NewClientSecretCredential(
		os.Getenv("AZURE_TENANT_ID"), os.Getenv("STRANGER_CLIENT_ID"), os.Getenv("STRANGER_CLIENT_SECRET"), nil)
	check(err)
	stranger := client(secret)

	newest, err := secrets.GetSecret(ctx, "db", "", nil)
	check(err)
	versions := versionsOf(ctx, secrets, "db")
	first, err := secrets.GetSecret(ctx, "db", versions[0], nil)
	check(err)
	check(json.NewEncoder(os.Stdout).Encode(report{
		Value:         *newest.Value,
		Tags:          newest.Tags,
		ExpiresOn:     newest.Attributes.Expires.Unix(),
		NewestVersion: newest.ID.Version(),
		FirstValue:    *first.Value,
		Versions:      versions,
		Names:         namesIn(ctx, secrets),
		Missing:       refusalOf(ctx, secrets, "missing"),
		Disabled:      refusalOf(ctx, secrets, "disabled"),
		Forbidden:     refusalOf(ctx, stranger, "db"),
		Throttled:     throttled(ctx, secrets),
	}))
}

func client(credential azcore.TokenCredential) *azsecrets.Client {
	options := &azsecrets.ClientOptions{}
	options.Retry = policy.RetryOptions{MaxRetries: -1}
	made, err := azsecrets.NewClient(os.Getenv("VAULT_URL"), credential, options)
	check(err)
	return made
}

// versionsOf answers the versions of a secret, oldest first.
func versionsOf(ctx context.Context, secrets *azsecrets.Client, name string) []string {
	var all []*azsecrets.SecretProperties
	for pager := secrets.NewListSecretPropertiesVersionsPager(name, nil); pager.More(); {
		page, err := pager.NextPage(ctx)
		check(err)
		all = append(all, page.Value...)
	}
	sort.Slice(all, func(i, j int) bool {
		return all[i].Attributes.Created.Before(*all[j].Attributes.Created)
	})
	var versions []string
	for _, properties := range all {
		versions = append(versions, properties.ID.Version())
	}
	return versions
}

func namesIn(ctx context.Context, secrets *azsecrets.Client) []string {
	var names []string
	for pager := secrets.NewListSecretPropertiesPager(nil); pager.More(); {
		page, err := pager.NextPage(ctx)
		check(err)
		for _, properties := range page.Value {
			names = append(names, properties.ID.Name())
		}
	}
	return names
}

func refusalOf(ctx context.Context, secrets *azsecrets.Client, name string) *refusal {
	_, err := secrets.GetSecret(ctx, name, "", nil)
	return refusalIn(err)
}

func throttled(ctx context.Context, secrets *azsecrets.Client) *refusal {
	_, err := secrets.BackupSecret(ctx, "db", nil)
	return refusalIn(err)
}

func refusalIn(err error) *refusal {
	var refused *azcore.ResponseError
	if !errors.As(err, &refused) {
		return nil
	}
	var body struct {
		Error struct {
			InnerError struct{ Code string }
		}
	}
	text, err := io.ReadAll(refused.RawResponse.Body)
	check(err)
	check(json.Unmarshal(text, &body))
	return &refusal{refused.StatusCode, refused.ErrorCode, body.Error.InnerError.Code}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
