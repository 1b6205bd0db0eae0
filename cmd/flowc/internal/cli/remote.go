package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// remote is a running pipeline that serves at an address.
type remote struct {
	base  string
	token string
	http  *http.Client
}

// remoteFlags are the flags of commands that ask a running pipeline.
type remoteFlags struct{ cert, token *string }

func addRemote(cmd *cobra.Command) *remoteFlags {
	return &remoteFlags{
		cert:  cmd.Flags().String("http-cert", "", "the certificate that the pipeline shows, for TLS"),
		token: cmd.Flags().String("http-token-file", "", "file with the token that it wants (or the environment variable FLOW_HTTP_TOKEN)"),
	}
}

// remote makes ready to ask the pipeline at addr.
func (f *remoteFlags) remote(addr string) (*remote, error) {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return nil, &usageError{fmt.Sprintf("%q is no address", addr), "give host:port, as 127.0.0.1:8080"}
	}
	r := &remote{base: "http://" + addr, token: os.Getenv("FLOW_HTTP_TOKEN"), http: &http.Client{Timeout: 15 * time.Second}}
	if *f.token != "" {
		text, err := os.ReadFile(*f.token)
		if err != nil {
			return nil, err
		}
		r.token = string(text)
	}
	r.token = strings.TrimSpace(r.token)
	if *f.cert == "" {
		return r, nil
	}
	text, err := os.ReadFile(*f.cert)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate", *f.cert)
	}
	r.base = "https://" + addr
	r.http.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	return r, nil
}

// get asks for a path and reads the answer.
func (r *remote) get(ctx context.Context, path string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+path, nil)
	if err != nil {
		return err
	}
	if r.token != "" {
		request.Header.Set("Authorization", "Bearer "+r.token)
	}
	response, err := r.http.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &failure{fmt.Errorf("nobody answers at %s: %w", r.base, errors.Unwrap(err)), "start the pipeline with --http ADDR"}
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, 64<<20))
	if err != nil {
		return fmt.Errorf("%s: the answer ends in the middle: %w", r.base, err)
	}
	if response.StatusCode != http.StatusOK {
		var said struct{ Error struct{ Message string } }
		if json.Unmarshal(text, &said) != nil || said.Error.Message == "" {
			return fmt.Errorf("%s is no pipeline: it answered %s", r.base, response.Status)
		}
		if response.StatusCode == http.StatusUnauthorized {
			return &failure{errors.New(said.Error.Message), "give --http-token-file FILE, or set FLOW_HTTP_TOKEN"}
		}
		return errors.New(said.Error.Message)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s is no pipeline of this version: %w", r.base, err)
	}
	return nil
}

// wantAddr checks that there is one argument, an address.
func wantAddr(cmd *cobra.Command, args []string, more ...string) error {
	names := append([]string{"an address"}, more...)
	if len(args) != len(names) {
		return &usageError{fmt.Sprintf("%s wants %s, and got %d arguments", cmd.Name(), strings.Join(names, " and "), len(args)), "for example: " + strings.TrimSpace(strings.Split(cmd.Example, "\n")[0])}
	}
	return nil
}
