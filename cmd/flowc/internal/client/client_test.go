package client_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flow-lang/flowc/cmd/flowc/internal/client"
	"github.com/flow-lang/flowc/cmd/flowc/internal/load"
	asked "github.com/flow-lang/flowc/golden/gen/asked"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/serve"
	"github.com/flow-lang/flowc/rt/serve/certificate"
)

const golden = "../../../../golden/gen/"

// things is the input of the pipeline that clients ask.
const things = `{"yes":true,"small":3,"big":9007199254740993,"rough":0.5,"exact":2.5,"price":12345678901234567.25,"from-wire":"here","raw":"YWJj","at":"2024-05-01T12:00:00.123456Z","long":"1h30m","day":"2024-05-01","id":"11111111-1111-4111-8111-111111111111","any":{"a":[1,2.5]},"maybe":7,"many":[1,2],"few":["a"],"named":{"x":1},"paired":[[1,"a"]],"color":"green","shape":{"$type":"Circle","radius":1.5}}
{"yes":false,"small":4,"big":1,"rough":1,"exact":1,"price":1,"from-wire":"there","raw":"","at":"2024-05-02T12:00:00Z","long":"0s","day":"2024-05-02","id":"22222222-2222-4222-8222-222222222222","any":null,"many":[],"few":[],"named":{},"paired":[],"color":"red","shape":{"$type":"Square","side":2}}
`

// write writes the client of a program below golden/gen and returns its text.
func write(t *testing.T, program, lang, dir string) string {
	t.Helper()
	var found diag.List
	p := load.Read(filepath.Join(golden, program, "case.flow"), &found)
	prog := p.Check(&found)
	if prog == nil || found.HasErrors() {
		t.Fatalf("%s has mistakes", program)
	}
	name, text, err := client.Write(prog, lang)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// secret is the token of the pipeline that is served with TLS.
const secret = "0123456789abcdef-secret"

// secured runs the program asked, served with TLS and a token, and returns where and
// the file of the certificate.
func secured(t *testing.T) (base, cert string) {
	t.Helper()
	dir := t.TempDir()
	cert, key, err := certificate.Write(dir)
	token := filepath.Join(dir, "token")
	if err == nil {
		err = os.WriteFile(token, []byte(secret), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return "https://" + serving(t, rt.ServeFlags{Cert: cert, Key: key, TokenFile: token}), cert
}

// serving runs the program asked as the flags say, at the address that it returns.
func serving(t *testing.T, flags rt.ServeFlags) (addr string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	spec := asked.Pipeline()
	var server rt.Server
	for tries := 1; ; tries++ {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		flags.Addr = l.Addr().String()
		_ = l.Close()
		if server, err = serve.Start(&spec, rt.ServeOptions{ServeFlags: flags, Stop: stop}); err == nil {
			break
		}
		if tries == 10 || !strings.Contains(err.Error(), "address already in use") { // by who came in between
			t.Fatal(err)
		}
	}
	in, out := io.Pipe()
	j, err := rt.NewJob(spec, rt.Options{Stdin: in, Stdout: io.Discard, Parallelism: 2})
	if err != nil {
		t.Fatal(err)
	}
	server.Attach(j)
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	t.Cleanup(func() {
		_ = out.Close()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		server.Close()
	})
	if _, err := io.WriteString(out, things); err != nil {
		t.Fatal(err)
	}
	return flags.Addr
}

// pipeline runs the program asked and returns the address of a proxy before it:
// below /slow nobody answers, and below /flaky only the third request is let
// through.
func pipeline(t *testing.T) string {
	t.Helper()
	base := &url.URL{Scheme: "http", Host: serving(t, rt.ServeFlags{})}
	to := httputil.NewSingleHostReverseProxy(base)
	var flaky atomic.Int32
	mux := http.NewServeMux()
	mux.Handle("/", to)
	mux.HandleFunc("/slow/", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.Handle("/flaky/", http.StripPrefix("/flaky", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if flaky.Add(1)%3 != 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"error":{"code":"not_ready","message":"the job is not running"}}`)
			return
		}
		to.ServeHTTP(w, r)
	})))
	proxy := httptest.NewServer(mux)
	t.Cleanup(func() {
		proxy.CloseClientConnections()
		proxy.Close()
	})
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		resp, err := http.Get(proxy.URL + "/state/seen?key=2024-05-02")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return proxy.URL
			}
		}
		if time.Now().After(end) {
			t.Fatal("the pipeline has not handled its input")
		}
	}
}

// tool finds a program that the test needs.
func tool(t *testing.T, name, from string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv("CI_NEEDS_CLIENTS") != "":
		t.Fatalf("%s is not on the PATH: %s", name, from)
	default:
		t.Skipf("needs %s on the PATH: %s", name, from)
	}
	return ""
}

// driver puts a driver beside a client.
func driver(t *testing.T, name, to string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err == nil {
		err = os.WriteFile(to, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// drive runs a driver, which asks a pipeline and then one that is served with TLS.
func drive(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	base, cert := secured(t)
	run(t, "fine", dir, "env", append(append([]string{"NODE_EXTRA_CA_CERTS=" + cert, name}, args...), pipeline(t), base, cert, secret)...)
}

// run runs a command and holds what it prints to want.
func run(t *testing.T, want, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != want {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
}

// programs are those that clients are written for and compiled without being run.
var programs = []string{"asked", "queries"}

func TestGo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, p := range programs {
		write(t, p, "go", filepath.Join(dir, p))
	}
	driver(t, "main.go.txt", filepath.Join(dir, "main.go"))
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module drive\n\ngo 1.24\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "", dir, "go", "vet", "./...")
	drive(t, dir, "go", "run", ".")
}

func TestPython(t *testing.T) {
	t.Parallel()
	python := tool(t, "python3", "apt-get install python3")
	dir := t.TempDir()
	for _, p := range programs {
		write(t, p, "python", filepath.Join(dir, p))
	}
	driver(t, "main.py", filepath.Join(dir, "asked", "main.py"))
	run(t, "", filepath.Join(dir, "queries"), python, "-W", "error", "-c", "import client")
	drive(t, filepath.Join(dir, "asked"), python, "-W", "error", "main.py")
}

func TestTypeScript(t *testing.T) {
	t.Parallel()
	tsc, node := tool(t, "tsc", "npm install -g typescript"), tool(t, "node", "apt-get install nodejs")
	dir := t.TempDir()
	for _, p := range programs {
		write(t, p, "ts", filepath.Join(dir, p))
	}
	driver(t, "main.ts", filepath.Join(dir, "asked", "main.ts"))
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"type":"module"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "", dir, tsc, "--strict", "--noUncheckedIndexedAccess", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom",
		"asked/client.ts", "asked/main.ts", "queries/client.ts")
	drive(t, filepath.Join(dir, "asked"), node, "main.js")
}

func TestNothingToAskFor(t *testing.T) {
	t.Parallel()
	var found diag.List
	p := load.Read(filepath.Join(golden, "filtermap", "case.flow"), &found)
	if _, _, err := client.Write(p.Check(&found), "go"); err == nil || !strings.Contains(fmt.Sprint(err), "no state") {
		t.Errorf("a client of nothing: %v", err)
	}
}
