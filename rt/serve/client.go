package serve

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/flow-lang/flowc/rt"
)

// Service is what a pipeline binary needs to serve, and to ask one that does.
func Service() rt.Service { return rt.Service{Start: Start, Savepoint: Savepoint, Describe: Describe} }

// savepointRequest is the body of POST /savepoint.
type savepointRequest struct {
	To   string `json:"to"`
	Stop bool   `json:"stop"`
}

// Savepoint asks the job that serves at o.Addr for a savepoint and waits until
// it is whole. With o.Cert the certificate there is trusted, and TLS spoken.
func Savepoint(ctx context.Context, o rt.ServeOptions, to string, stop bool) error {
	dir, err := filepath.Abs(to) // the job may run in another folder
	if err != nil {
		return err
	}
	body, err := json.Marshal(savepointRequest{To: dir, Stop: stop})
	if err != nil {
		return err
	}
	_, err = ask(ctx, o, http.MethodPost, "/savepoint", body)
	return err
}

// Describe asks the job that serves at o.Addr what it is.
func Describe(ctx context.Context, o rt.ServeOptions) ([]byte, error) {
	return ask(ctx, o, http.MethodGet, "/describe", nil)
}

// maxDescribed is how long an answer may be, in bytes.
const maxDescribed = 64 << 20

// ask asks the job that serves at o.Addr.
func ask(ctx context.Context, o rt.ServeOptions, method, path string, body []byte) ([]byte, error) {
	token, err := readToken(o)
	if err != nil {
		return nil, err
	}
	client, scheme := &http.Client{}, "http"
	if o.Cert != "" {
		text, err := os.ReadFile(o.Cert)
		if err != nil {
			return nil, usage("--http-cert: %v", err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(text) {
			return nil, usage("--http-cert %s: the file holds no certificate", o.Cert)
		}
		scheme = "https"
		client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	}
	request, err := http.NewRequestWithContext(ctx, method, scheme+"://"+o.Addr+path, bytes.NewReader(body))
	if err != nil {
		return nil, usage("--http %s: want host:port, such as 127.0.0.1:8080", o.Addr)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("nobody answers at %s: %w", o.Addr, errors.Unwrap(err))
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxDescribed))
	if err != nil {
		return nil, fmt.Errorf("%s: the answer ends in the middle: %w", o.Addr, err)
	}
	if response.StatusCode == http.StatusOK {
		return text, nil
	}
	var said struct{ Error problem }
	if json.Unmarshal(text, &said) != nil || said.Error.Message == "" {
		return nil, fmt.Errorf("%s is no job: it answered %s", o.Addr, response.Status)
	}
	if response.StatusCode == http.StatusUnauthorized {
		return nil, fmt.Errorf("%s wants the token: give --http-token-file FILE, or set %s", o.Addr, tokenVariable)
	}
	return nil, errors.New(strings.TrimSpace(said.Error.Message))
}
