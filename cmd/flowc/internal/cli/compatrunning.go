package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/flow-lang/flowc/compat"
	"github.com/flow-lang/flowc/rt/schema"
)

// tokenVariable names the environment variable with the token of a pipeline that
// wants one.
const tokenVariable = "FLOW_HTTP_TOKEN"

// maxDescription is how long the description of a running pipeline may be, bytes.
const maxDescription = 64 << 20

// runningSide asks a running pipeline what it is, at the address that it serves.
func runningSide(ctx context.Context, address string) (compat.Side, error) {
	at, err := url.Parse(address)
	if err != nil || at.Host == "" {
		return compat.Side{}, &usageError{fmt.Sprintf("%q is no address", address), "write http://HOST:PORT, as the pipeline was given with --http"}
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, at.JoinPath("describe").String(), nil)
	if err != nil {
		return compat.Side{}, err
	}
	if token := os.Getenv(tokenVariable); token != "" {
		ask.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return compat.Side{}, &failure{fmt.Errorf("%s does not answer: %w", address, err), "name the address that the pipeline was given with --http"}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxDescription))
	if err != nil {
		return compat.Side{}, err
	}
	if answer.StatusCode == http.StatusUnauthorized {
		return compat.Side{}, &failure{fmt.Errorf("%s wants a token", address), "set " + tokenVariable + " to it"}
	}
	var described struct{ Job *schema.Job }
	if answer.StatusCode != http.StatusOK || json.Unmarshal(text, &described) != nil || described.Job == nil {
		return compat.Side{}, &failure{fmt.Errorf("%s is no pipeline that says what it is: %s", address, answer.Status), "name the address that the pipeline was given with --http"}
	}
	return compat.Side{Name: strings.TrimSuffix(address, "/"), Job: described.Job}, nil
}
