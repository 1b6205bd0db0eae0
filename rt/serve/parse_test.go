package serve

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/schema"
)

const readOfA = "GET /state/total?key=a HTTP/1.1\r\nHost: localhost\r\n"

// TestParsedQuickly says of what comes from clients which reads are answered without
// net/http: those of the clients that flowc writes are.
func TestParsedQuickly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, request string
		quick         bool
	}{
		{"bare", readOfA + "\r\n", true},
		{"Go", readOfA + "User-Agent: Go-http-client/1.1\r\nAccept-Encoding: gzip\r\n\r\n", true},
		{"curl", readOfA + "User-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n", true},
		{"Node", "GET /state/total?key=a HTTP/1.1\r\nhost: 127.0.0.1:80\r\nconnection: keep-alive\r\naccept: */*\r\naccept-language: *\r\n" +
			"sec-fetch-mode: cors\r\nuser-agent: node\r\naccept-encoding: gzip, deflate\r\n\r\n", true},
		{"half", readOfA, false},
		{"more", readOfA + "\r\nG", false},
		{"a body", readOfA + "Content-Length: 1\r\n\r\nx", false},
		{"closed", readOfA + "Connection: close\r\n\r\n", false},
		{"HTTP/1.0", strings.Replace(readOfA, "1.1", "1.0", 1) + "\r\n", false},
	}
	q := &quick{server: &server{local: true}}
	for _, tt := range tests {
		if _, _, ok := q.parse([]byte(tt.request)); ok != tt.quick {
			t.Errorf("%s: %t, want %t", tt.name, ok, tt.quick)
		}
	}
}

// FuzzParse lets nothing be answered quickly that net/http would read in another
// way, or that the guard refuses.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		readOfA + "\r\n", readOfA + "Accept: */*\r\n\r\n", readOfA + "Host: x\r\n\r\n", "GET /state/a/schema?key=%zz HTTP/1.1\r\nHost: [::1]:1\r\n\r\n",
		"GET /state/..?key=a+%20 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer x\r\n\r\n", readOfA + "Content-Length: 1\r\n\r\nx", readOfA + " x: y\r\n\r\n",
	} {
		f.Add([]byte(text))
	}
	s := &server{spec: &rt.Spec{}, local: true}
	f.Fuzz(func(t *testing.T, text []byte) {
		q := &quick{server: s}
		name, key, ok := q.parse(text)
		if !ok {
			return
		}
		in := bufio.NewReader(strings.NewReader(string(text)))
		r, err := http.ReadRequest(in)
		if err != nil {
			t.Fatalf("net/http refuses %q: %v", text, err)
		}
		if p := s.refusal(r); p != nil {
			t.Errorf("%q is refused: %s", text, p.Message)
		}
		params, p := readParams(r)
		if p != nil || len(params) != 1 || len(params["key"]) != 1 || params.Get("key") != key || r.URL.Path != "/state/"+name || wantsAvro(r) {
			t.Errorf("%q is read as %q of %q, want %v of %s (%v)", text, key, name, params, r.URL.Path, p)
		}
		if rest, _ := io.ReadAll(in); len(rest) > 0 || r.ContentLength != 0 || r.Close {
			t.Errorf("%q has more to it: %q", text, rest)
		}
	})
}

// TestKeysAsJSON: what JSON writes as a text may stand without quotes, and a decimal
// is a number.
func TestKeysAsJSON(t *testing.T) {
	t.Parallel()
	for shape, want := range map[schema.TypeName]string{
		schema.String: `"7.25"`, schema.Decimal: `7.25`, schema.Float: `7.25`, schema.Date: `"7.25"`,
	} {
		if got := string(asJSON(&schema.Type{Shape: shape}, "7.25")); got != want {
			t.Errorf("7.25 as a key of the shape %v is %s, want %s", shape, got, want)
		}
	}
}
