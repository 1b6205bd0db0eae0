package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"maps"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
)

// guarded lets only those requests through to h that may be answered:
//
//   - on an address that only this machine reaches, the host that the client
//     names is this machine, so that no name that a stranger controls leads a
//     browser here;
//   - a request that a page of another origin makes is refused;
//   - where there is a token, clients show it, but for the pages that hold
//     nothing of the job;
//   - so many at once, and so long a body; what may take long has a time of its own.
func (s *server) guarded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), secureHeaders)
		if p := s.refusal(r); p != nil {
			p.write(w)
			return
		}
		if !isProbe(r.URL.Path) {
			if !takeSlot(s.slots, w) {
				return
			}
			defer func() { <-s.slots }()
		}
		defer func() {
			if v := recover(); v != nil {
				s.log.Error("a request was not answered: this is a bug in flowc", "path", r.URL.Path, "panic", v, "stack", string(debug.Stack()))
				problemf(http.StatusInternalServerError, "internal", "the question cannot be answered; the job goes on").write(w)
			}
		}()
		if r.Body != http.NoBody {
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		}
		h.ServeHTTP(w, r)
	})
}

// takeSlot takes one of so many, or tells the client to wait.
func takeSlot(slots chan struct{}, w http.ResponseWriter) bool {
	select {
	case slots <- struct{}{}:
		return true
	default:
		w.Header().Set("Retry-After", "1")
		problemf(http.StatusTooManyRequests, "busy", "%d such requests are being answered: ask again in a second", cap(slots)).write(w)
		return false
	}
}

// isProbe reports whether a path only asks how the process is. It is answered however
// many others ask, or who starts processes would take a busy one for a dead one.
func isProbe(path string) bool { return path == "/healthz" || path == "/readyz" }

// secureHeaders are those that every answer has. Nobody changes the lists.
var secureHeaders = func() http.Header {
	h := http.Header{}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	return h
}()

// refusal says why a request is not answered, or returns nil.
func (s *server) refusal(r *http.Request) *problem {
	if s.local && !isThisMachine(r.Host) {
		return problemf(http.StatusForbidden, "wrong_host", "the host %.100q is not this machine: ask for 127.0.0.1 or localhost", r.Host)
	}
	if !sameOrigin(r) {
		return problemf(http.StatusForbidden, "cross_origin", "requests of pages of another origin are refused")
	}
	if s.token == "" || isOpen(r.URL.Path) {
		return nil
	}
	if !s.isToken(r.Header.Get("Authorization")) {
		return problemf(http.StatusUnauthorized, "no_token", "send the token: Authorization: Bearer TOKEN")
	}
	return nil
}

// isThisMachine reports whether a Host header names the loopback interface.
func isThisMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// sameOrigin reports whether no page of another origin has made the request. A
// browser says so; other clients do not.
func sameOrigin(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		// A link that leads to the dashboard is no request of the page it is on.
		if r.Method != http.MethodGet || r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.URL.Path != "/" {
			return false
		}
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

// isOpen reports whether a path holds nothing of the job but that it lives.
func isOpen(path string) bool {
	return pageFiles[path] != "" || isProbe(path)
}

// isToken reports whether what a client authorizes itself by is the token. It
// compares digests, so that neither the length nor the bytes of the token show in
// how long that takes.
func (s *server) isToken(authorization string) bool {
	given, ok := strings.CutPrefix(authorization, "Bearer ")
	got, want := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(s.token))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1 && ok
}
