package serve_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	queries "github.com/flow-lang/flowc/golden/gen/queries"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/serve"
)

const secret = "0123456789abcdef-secret"

func TestRefusedAtStart(t *testing.T) {
	t.Parallel()
	cert, key := newCertificate(t)
	good := tokenFile(t, secret)
	tests := []struct {
		name  string
		flags rt.ServeFlags
		env   string
		want  []string
	}{
		{"any address", rt.ServeFlags{Addr: "0.0.0.0:0"}, "", []string{"TLS", "token", "--http-cert", "--http-token-file"}},
		{"no host", rt.ServeFlags{Addr: ":0"}, "", []string{"TLS", "token"}},
		{"IPv6", rt.ServeFlags{Addr: "[::]:0"}, "", []string{"TLS", "token"}},
		{"token only", rt.ServeFlags{Addr: ":0", TokenFile: good}, "", []string{"TLS", "token"}},
		{"TLS only", rt.ServeFlags{Addr: ":0", Cert: cert, Key: key}, "", []string{"TLS", "token"}},
		{"no port", rt.ServeFlags{Addr: "127.0.0.1"}, "", []string{"host:port"}},
		{"short token", rt.ServeFlags{Addr: "127.0.0.1:0"}, "short", []string{"FLOW_HTTP_TOKEN", "16"}},
		{"empty token", rt.ServeFlags{Addr: "127.0.0.1:0", TokenFile: tokenFile(t, "")}, "", []string{"holds no token"}},
		{"no token file", rt.ServeFlags{Addr: "127.0.0.1:0", TokenFile: "missing"}, "", []string{"missing"}},
		{"half of TLS", rt.ServeFlags{Addr: "127.0.0.1:0", Cert: cert}, "", []string{"go together"}},
		{"no certificate", rt.ServeFlags{Addr: "127.0.0.1:0", Cert: good, Key: key}, "", []string{"--http-cert"}},
		{"clients without TLS", rt.ServeFlags{Addr: "127.0.0.1:0", ClientCA: cert}, "", []string{"TLS"}},
		{"no authority", rt.ServeFlags{Addr: "127.0.0.1:0", Cert: cert, Key: key, ClientCA: good}, "", []string{"no certificate"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			spec := queries.Pipeline()
			getenv := func(name string) (string, bool) { return tt.env, name == "FLOW_HTTP_TOKEN" && tt.env != "" }
			server, err := serve.Start(&spec, rt.ServeOptions{ServeFlags: tt.flags, Getenv: getenv})
			if err == nil {
				server.Close()
			}
			var usage *rt.UsageError
			if !errors.As(err, &usage) {
				t.Fatalf("Start = %v, want a UsageError", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the message has no %q: %v", want, err)
				}
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the message shows the token: %v", err)
			}
		})
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	r := start(t, 1, func(o *rt.ServeOptions) { o.TokenFile = tokenFile(t, secret) })
	tests := []struct {
		path, authorization string
		want                int
	}{
		{"/healthz", "", 200},
		{"/readyz", "", 200},
		{"/", "", 200},
		{"/page.js", "", 200},
		{"/metrics", "", 401},
		{"/state", "", 401},
		{"/nothing", "", 401},
		{"/state", "Bearer " + secret[1:], 401},
		{"/state", "Bearer " + secret + "x", 401},
		{"/state", "Bearer", 401},
		{"/state", secret, 401},
		{"/state?token=" + secret, "", 401},
		{"/state", "Bearer " + secret, 200},
		{"/metrics", "Bearer " + secret, 200},
		{"/status", "Bearer " + secret, 200},
		{"/describe", "Bearer " + secret, 200},
		{"/describe", "", 401},
	}
	r.eventually("/readyz", `"ready"`)
	for _, tt := range tests {
		req, err := http.NewRequest(http.MethodGet, "http://"+r.addr+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if tt.authorization != "" {
			req.Header.Set("Authorization", tt.authorization)
		}
		status, text := r.do(req)
		if status != tt.want {
			t.Errorf("GET %s with %q: %d, want %d", tt.path, tt.authorization, status, tt.want)
		}
		if strings.Contains(text, secret) {
			t.Errorf("GET %s shows the token", tt.path)
		}
	}
	resp, err := r.client.Post("http://"+r.addr+"/stop", "", nil)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("POST /stop without a token: %v, %v", resp, err)
	}
}

func (r *running) do(req *http.Request) (int, string) {
	r.t.Helper()
	resp, err := r.client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestStrangers(t *testing.T) {
	t.Parallel()
	r := start(t, 1, nil)
	tests := []struct {
		method, path, host string
		header             map[string]string
		want               int
	}{
		{"GET", "/status", "evil.example", nil, 403},
		{"GET", "/status", "127.0.0.1.evil.example", nil, 403},
		{"GET", "/status", "10.0.0.1", nil, 403},
		{"GET", "/status", "localhost:1", nil, 200},
		{"GET", "/status", "LOCALHOST", nil, 200},
		{"GET", "/status", "[::1]:80", nil, 200},
		{"GET", "/status", "", map[string]string{"Origin": "https://evil.example"}, 403},
		{"GET", "/status", "", map[string]string{"Origin": "null"}, 403},
		{"GET", "/status", "", map[string]string{"Origin": "http://" + r.addr}, 200},
		{"POST", "/stop", "", map[string]string{"Origin": "https://evil.example"}, 403},
		{"POST", "/stop", "", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"POST", "/stop", "", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"GET", "/status", "", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"GET", "/", "", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200},
		{"GET", "/status", "", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 403},
		{"GET", "/status", "", map[string]string{"Sec-Fetch-Site": "same-origin"}, 200},
		{"GET", "/stop", "", nil, 404},
		{"DELETE", "/state/total", "", nil, 404},
		{"POST", "/metrics", "", nil, 404},
	}
	for _, tt := range tests {
		req, err := http.NewRequest(tt.method, "http://"+r.addr+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = tt.host
		for name, v := range tt.header {
			req.Header.Set(name, v)
		}
		if status, text := r.do(req); status != tt.want {
			t.Errorf("%s %.60s host %q %v: %d %.200s, want %d", tt.method, tt.path, tt.host, tt.header, status, text, tt.want)
		}
	}
}

// TestRawRequests sends what no client would.
func TestRawRequests(t *testing.T) {
	t.Parallel()
	r := start(t, 1, nil)
	corpus := []string{
		"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /..%252f..%252fetc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /state/\x00?key=a HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET http://evil.example/status HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /status HTTP/1.1\r\n\r\n",
		"GET /status HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
		"POST /stop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nOrigin: http://evil.example\r\n\r\n0\r\n\r\n",
		"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
		"\x16\x03\x01\x00\x05hello",
		strings.Repeat("A", 100_000),
		"GET /status?" + strings.Repeat("x", 40<<10) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
	}
	for _, text := range corpus {
		c, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		_, _ = io.WriteString(c, text)
		answer := make([]byte, 4096)
		n, _ := io.ReadAtLeast(c, answer, 12)
		_ = c.Close()
		if strings.Contains(string(answer[:n]), " 200 ") || strings.Contains(string(answer[:n]), "root:") {
			t.Errorf("%.80q was answered: %s", text, answer[:n])
		}
	}
	r.eventually("/readyz", `"ready"`)
}

func TestTLS(t *testing.T) {
	t.Parallel()
	cert, key := newCertificate(t)
	r := start(t, 1, func(o *rt.ServeOptions) {
		o.Addr = strings.Replace(o.Addr, "127.0.0.1", "0.0.0.0", 1) // other machines reach it by any name
		o.Cert, o.Key, o.ClientCA, o.TokenFile = cert, key, cert, tokenFile(t, secret)
	})
	roots := x509.NewCertPool()
	text, err := os.ReadFile(cert)
	if err != nil || !roots.AppendCertsFromPEM(text) {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(c *tls.Config) error {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: c}, Timeout: 10 * time.Second}
		defer client.CloseIdleConnections()
		resp, err := client.Get("https://" + r.addr + "/healthz")
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	if err := ask(&tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}); err != nil {
		t.Errorf("with a certificate: %v", err)
	}
	if err := ask(&tls.Config{RootCAs: roots}); err == nil {
		t.Error("a client without certificate was answered")
	}
	if err := ask(&tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 was answered")
	}

	// What is no TLS gets no further.
	for _, text := range []string{"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "\x16\x03\x01\x00\x05hello", "\x00\x00\x00\x00\x00\x00"} {
		c := r.dial()
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		_, _ = io.WriteString(c, text)
		answer, _ := io.ReadAll(c)
		if strings.Contains(string(answer), " 200 ") || strings.HasPrefix(text, "GET") != strings.Contains(string(answer), "ask for https://") {
			t.Errorf("%.20q was answered: %q", text, answer)
		}
	}

	// Reads of one key, and what else is asked over the same connection.
	r.send("a", "x", 7, 0)
	secured := func() net.Conn {
		return tls.Client(r.dial(), &tls.Config{RootCAs: roots, ServerName: "127.0.0.1", Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}})
	}
	authorized := " HTTP/1.1\r\nHost: any.example\r\nAuthorization: Bearer " + secret + "\r\n"
	quick := "GET /state/total?key=a" + authorized + "\r\n"
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		all := r.converseOn(secured(), quick, quick, "GET /state/total?key=a"+authorized+"X-Unknown: 1\r\n\r\n", "GET /readyz"+authorized+"\r\n",
			"GET /state/total?key=a HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n\r\n")
		if strings.Contains(all[0].Body, `"value":7`) && all[0].Status == http.StatusOK {
			if diff := cmp.Diff([]said{all[0], all[0]}, all[1:3]); diff != "" || all[3].Status != http.StatusOK || all[4].Status != http.StatusUnauthorized {
				t.Errorf("the answers differ: %v\n%s", all, diff)
			}
			return
		}
		if time.Now().After(end) {
			t.Fatalf("never answered: %v", all)
		}
	}
}
