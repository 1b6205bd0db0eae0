package remote_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/vfs"
)

var discard = log.New(io.Discard, "", 0)

// TestFailedTo: what a function refuses goes to a stream, with the reason, and the
// job goes on. The function's token comes from the environment, and goes nowhere else.
func TestFailedTo(t *testing.T) {
	t.Parallel()
	refuses := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if token := r.Header.Get("Authorization"); token != "Bearer hidden" {
			t.Errorf("the token is %q", token)
		}
		http.Error(w, "not you", http.StatusForbidden)
	}))
	fs := vfs.NewMem()
	if _, err := run(t, serve(t, &greeter{t: t}), 3, 3, func(o *rt.Options) {
		o.Params["refuser"] = refuses
		o.FS = fs
		f, err := fs.Create("in.jsonl")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(f, `{"name":"a","n":-1}`+"\n"+`{"name":"b","n":1}`+"\n"+`{"name":"c","n":-2}`+"\n")
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"out.jsonl": 3, "lost.jsonl": 2, "accepted.jsonl": 0} {
		text, err := vfs.ReadFile(fs, name)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "\n"); n != want {
			t.Errorf("%s has %d rows, want %d:\n%s", name, n, want, text)
		}
		if strings.Contains(string(text), "hidden") {
			t.Errorf("%s holds the token: %s", name, text)
		}
		if name == "lost.jsonl" && (!strings.Contains(string(text), `{"record":{"name":"a","n":-1},"reason":"`) || !strings.Contains(string(text), "answers 403: not you")) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// TestTLS calls a server whose certificate an authority of its own has signed, with
// and without that authority, and a server that wants the client's certificate.
func TestTLS(t *testing.T) {
	t.Parallel()
	g := &greeter{t: t}
	s := httptest.NewUnstartedServer(g)
	s.Config.ErrorLog = discard
	s.StartTLS()
	t.Cleanup(s.Close)
	ca := keep(t, "ca.pem", &pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	with := func(params ...string) func(*rt.Options) {
		return func(o *rt.Options) {
			for i := 0; i < len(params); i += 2 {
				o.Params[params[i]] = params[i+1]
			}
		}
	}
	rows, err := run(t, s.URL, 20, 3, with("ca", ca))
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, rows, 20, 3)
	if _, err := run(t, s.URL, 20, 3, with("call", "3s")); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without the authority: %v", err)
	}
	if _, err := run(t, s.URL, 20, 3, with("ca", "nowhere.pem")); err == nil || !strings.Contains(err.Error(), "nowhere.pem") {
		t.Errorf("with an authority that is not there: %v", err)
	}

	mutual := httptest.NewUnstartedServer(g)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	mutual.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, ClientCAs: pool}
	mutual.Config.ErrorLog = discard
	mutual.StartTLS()
	t.Cleanup(mutual.Close)
	pair := s.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	keyFile := keep(t, "client.key", &pem.Block{Type: "PRIVATE KEY", Bytes: key})
	if rows, err = run(t, mutual.URL, 20, 3, with("ca", ca, "cert", ca, "key", keyFile)); err != nil {
		t.Fatal(err)
	}
	checkRows(t, rows, 20, 3)
	if _, err := run(t, mutual.URL, 20, 3, with("ca", ca, "call", "3s")); err == nil {
		t.Error("a server that wants a certificate was called without one")
	}
}

// keep writes a file of the test.
func keep(t *testing.T, name string, b *pem.Block) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, pem.EncodeToMemory(b), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
