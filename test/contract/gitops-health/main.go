// Command gitops-health says of each object on standard input what the tools of GitOps make of it:
// kstatus by its own code, and Argo CD by the health check in the Lua file that is named, run by the
// interpreter that Argo CD has.
package main

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type health struct {
	Kstatus string `json:"kstatus"`
	ArgoCD  string `json:"argoCd"`
	Message string `json:"message"`
}

func main() {
	log.SetFlags(0)
	answers, err := run(os.Args[1:], os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		log.Fatal(err)
	}
}

func run(args []string, input io.Reader) ([]health, error) {
	check := ""
	if len(args) == 1 {
		text, err := os.ReadFile(args[0])
		if err != nil {
			return nil, err
		}
		check = string(text)
	}
	answers := []health{}
	for decoder := json.NewDecoder(input); ; {
		var raw json.RawMessage
		if err := decoder.Decode(&raw); errors.Is(err, io.EOF) {
			return answers, nil
		} else if err != nil {
			return nil, err
		}
		answer, err := healthOf(raw, check)
		if err != nil {
			return nil, err
		}
		answers = append(answers, answer)
	}
}

func healthOf(raw []byte, check string) (health, error) {
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(raw); err != nil {
		return health{}, err
	}
	result, err := status.Compute(object)
	if err != nil {
		return health{}, err
	}
	word, message, err := argoHealthOf(object, check)
	return health{Kstatus: string(result.Status), ArgoCD: word, Message: message}, err
}

// https://github.com/argoproj/gitops-engine/blob/master/pkg/health/health.go
func argoHealthOf(object *unstructured.Unstructured, check string) (string, string, error) {
	if object.GetDeletionTimestamp() != nil {
		return "Progressing", "", nil
	}
	if check == "" {
		return "Healthy", "", nil
	}
	return runCheck(object.Object, check)
}

// The object as the global obj, and few libraries, as in
// https://github.com/argoproj/argo-cd/blob/master/util/lua/lua.go
func runCheck(object map[string]any, check string) (string, string, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for _, open := range []lua.LGFunction{lua.OpenBase, lua.OpenTable} {
		state.Push(state.NewFunction(open))
		state.Call(0, 0)
	}
	state.SetGlobal("obj", valueOf(state, object))
	if err := state.DoString(check); err != nil {
		return "", "", err
	}
	answer, isTable := state.Get(-1).(*lua.LTable)
	if !isTable {
		return "", "", errors.New("the check returned no table")
	}
	return textOf(answer, "status"), textOf(answer, "message"), nil
}

func textOf(table *lua.LTable, key string) string {
	return lua.LVAsString(table.RawGetString(key))
}

func valueOf(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case bool:
		return lua.LBool(value)
	case int64:
		return lua.LNumber(value)
	case float64:
		return lua.LNumber(value)
	case string:
		return lua.LString(value)
	case []any:
		table := state.NewTable()
		for _, item := range value {
			table.Append(valueOf(state, item))
		}
		return table
	case map[string]any:
		table := state.NewTable()
		for key, item := range value {
			table.RawSetString(key, valueOf(state, item))
		}
		return table
	default:
		return lua.LNil
	}
}
