package remote

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"
)

// Endpoint says where a function is served and how it is called. Zero means the
// default where one is named.
type Endpoint struct {
	// URL is http, https, h2c (HTTP/2 without TLS), http+unix or https+unix, whose
	// path names the socket, and the path there behind its ".sock". {namespace},
	// {name} and {function.name} stand for parts of the function's type.
	URL   string
	Token string // sent as a bearer token; it is never written anywhere
	CA    string // file of certificates that are trusted, instead of the system's
	Cert  string // file of the client's certificate, with Key
	Key   string

	Call    time.Duration // of a batch with all its tries; 0 means 1 min
	Connect time.Duration // 0 means 10 s
	Read    time.Duration // until something comes, and between two pieces; 0 means 10 s
	Write   time.Duration // of one piece; 0 means 10 s

	MaxReply int64 // most bytes of a reply, unpacked; 0 means 32 MiB
}

// The defaults of time-outs.
const (
	defaultCall = time.Minute
	defaultStep = 10 * time.Second
	maxReply    = 32 << 20
	maxIdle     = 256
)

func (e *Endpoint) defaults() {
	if e.Call <= 0 {
		e.Call = defaultCall
	}
	for _, d := range []*time.Duration{&e.Connect, &e.Read, &e.Write} {
		if *d <= 0 {
			*d = min(defaultStep, e.Call)
		}
	}
	if e.MaxReply <= 0 {
		e.MaxReply = maxReply
	}
}

// Transport makes one try of a call.
type Transport interface {
	// Post sends a request and returns the reply, in room if there is enough. An
	// error is a *[CallError].
	Post(ctx context.Context, request, room []byte) (reply []byte, err error)
}

// CallError is why a try has failed.
type CallError struct {
	Reason  string
	Retry   bool          // another try may go well
	After   time.Duration // how long the function asks to wait; 0 if it does not
	Timeout bool
}

// Error returns the reason.
func (e *CallError) Error() string { return e.Reason }

// Temporary reports whether another try may go well.
func (e *CallError) Temporary() bool { return e.Retry }

// client posts requests over HTTP.
type client struct {
	endpoint Endpoint
	url      string
	shown    string // the URL without what must not be written anywhere
	http     http.Client
}

// newClient returns what calls the function of a type at an endpoint. An error
// says what is wrong with the endpoint.
func newClient(e Endpoint, namespace, name string) (*client, error) {
	e.defaults()
	filled := strings.NewReplacer("{namespace}", url.PathEscape(namespace), "{name}", url.PathEscape(name), "{function.name}", url.PathEscape(name)).Replace(e.URL)
	if left := placeholder.FindString(filled); left != "" {
		return nil, fmt.Errorf("the endpoint has %s: there are {namespace}, {name} and {function.name}", left)
	}
	u, err := url.Parse(filled)
	switch {
	case err != nil && strings.ContainsAny(filled, "@?"): // there may be a secret in it
		return nil, errors.New("the endpoint is no URL")
	case err != nil:
		return nil, fmt.Errorf("the endpoint %q is no URL: write http://host:port/path", filled)
	}
	c := &client{endpoint: e}
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	dialer := &net.Dialer{Timeout: e.Connect, KeepAlive: 15 * time.Second}
	socket := ""
	scheme, unix := strings.CutSuffix(u.Scheme, "+unix")
	switch {
	case unix && (scheme == "http" || scheme == "https"):
		at := strings.Index(u.Path, ".sock")
		if at < 0 {
			return nil, fmt.Errorf("the endpoint %s names no socket: its path must have a part that ends in .sock", shownURL(u))
		}
		socket, u.Path, u.Host = u.Path[:at+len(".sock")], u.Path[at+len(".sock"):], "localhost"
	case scheme == "h2c":
		scheme = "http"
		protocols.SetHTTP1(false)
		protocols.SetUnencryptedHTTP2(true)
	case scheme == "https":
		protocols.SetHTTP2(true)
	case scheme != "http":
		return nil, fmt.Errorf("the endpoint %s is none of http, https, h2c, http+unix and https+unix", shownURL(u))
	}
	if u.Scheme = scheme; u.Host == "" {
		return nil, fmt.Errorf("the endpoint %s names no host", shownURL(u))
	}
	if strings.ContainsAny(e.Token, "\r\n\x00") {
		return nil, errors.New("the token of the endpoint has a line end in it")
	}
	security, err := security(&e)
	if err != nil {
		return nil, err
	}
	c.url, c.shown = u.String(), shownURL(u)
	dialer.ControlContext = guard(u.Hostname())
	c.http = http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:     nil,
			Protocols: protocols,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				if socket != "" {
					network, address = "unix", socket
				}
				conn, err := dialer.DialContext(ctx, network, address)
				if err != nil {
					return nil, err
				}
				return &timedConn{conn, e.Write}, nil
			},
			TLSClientConfig:        security,
			TLSHandshakeTimeout:    e.Connect,
			ResponseHeaderTimeout:  e.Read,
			MaxIdleConns:           maxIdle,
			MaxIdleConnsPerHost:    maxIdle,
			IdleConnTimeout:        15 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			WriteBufferSize:        64 << 10,
			ReadBufferSize:         64 << 10,
		},
	}
	return c, nil
}

// placeholder is what looks like a part of a URL that stands for something.
var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// shownURL is a URL without what may be a secret: the password, and the query.
func shownURL(u *url.URL) string {
	v := *u
	if v.RawQuery != "" {
		v.RawQuery = "…"
	}
	return v.Redacted()
}

// security reads the files of certificates; nil if there are none.
func security(e *Endpoint) (*tls.Config, error) {
	if e.CA == "" && e.Cert == "" {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if e.CA != "" {
		text, err := os.ReadFile(e.CA)
		if err != nil {
			return nil, fmt.Errorf("the certificates of the endpoint: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s holds no certificate", e.CA)
		}
	}
	if e.Cert != "" {
		pair, err := tls.LoadX509KeyPair(e.Cert, e.Key)
		if err != nil {
			return nil, fmt.Errorf("the client's certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// guard refuses addresses of the link, at which clouds serve secrets, unless the
// endpoint names one itself.
func guard(host string) func(context.Context, string, string, syscall.RawConn) error {
	named, err := netip.ParseAddr(host)
	if err == nil && named.IsLinkLocalUnicast() {
		return nil
	}
	return func(_ context.Context, network, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err == nil && (at.Addr().Unmap().IsLinkLocalUnicast() || at.Addr().Unmap().IsMulticast()) {
			return fmt.Errorf("%s leads to %s, an address of the link: name it in the endpoint if it is meant", host, at.Addr())
		}
		return nil
	}
}

// timedConn bounds how long one write takes.
type timedConn struct {
	net.Conn
	write time.Duration
}

// Write writes with a deadline.
func (c *timedConn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.write)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// media is the type of requests and replies.
const media = "application/octet-stream"

// Post makes one try. What is said of one that has failed has no token in it, also if
// the function gives it back.
func (c *client) Post(ctx context.Context, request, room []byte) ([]byte, error) {
	reply, err := c.post(ctx, request, room)
	var failed *CallError
	if errors.As(err, &failed) {
		failed.Reason = c.hide(failed.Reason)
	}
	return reply, err
}

// hide takes the token out of a text.
func (c *client) hide(text string) string {
	if c.endpoint.Token == "" {
		return text
	}
	return strings.ReplaceAll(text, c.endpoint.Token, "(the token)")
}

func (c *client) post(ctx context.Context, request, room []byte) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(request))
	if err != nil {
		return nil, &CallError{Reason: "the endpoint is no URL"}
	}
	post.Header.Set("Content-Type", media)
	post.Header.Set("Accept", media)
	post.Header.Set("User-Agent", "flow")
	if c.endpoint.Token != "" {
		post.Header.Set("Authorization", "Bearer "+c.endpoint.Token)
	}
	got, err := c.http.Do(post)
	if err != nil {
		return nil, c.failed(err)
	}
	defer got.Body.Close()
	if got.StatusCode < 200 || got.StatusCode > 299 {
		return nil, c.refused(got)
	}
	if kind, _, err := mime.ParseMediaType(got.Header.Get("Content-Type")); err != nil || kind != media {
		return nil, &CallError{Reason: fmt.Sprintf("%s answers with %q, not %s", c.shown, clean(got.Header.Get("Content-Type"), 60), media), Retry: true}
	}
	return c.body(got, room, cancel)
}

// body reads the reply, of which something must come in time. One of no bytes is
// that of a function that has done nothing.
func (c *client) body(got *http.Response, room []byte, cancel context.CancelFunc) ([]byte, error) {
	late := time.AfterFunc(c.endpoint.Read, cancel)
	defer late.Stop()
	most := c.endpoint.MaxReply
	buffer := bytes.NewBuffer(room[:0])
	if n := got.ContentLength; n > 0 && n <= most {
		buffer.Grow(int(n) + bytes.MinRead)
	}
	piece := &timedReader{got.Body, late, c.endpoint.Read}
	n, err := buffer.ReadFrom(io.LimitReader(piece, most+1))
	switch {
	case n > most:
		return nil, &CallError{Reason: fmt.Sprintf("%s answers with more than %d bytes", c.shown, most)}
	case err != nil:
		return nil, c.failed(err)
	}
	return buffer.Bytes(), nil
}

// timedReader ends a call of whose reply nothing comes for a time.
type timedReader struct {
	io.Reader
	late *time.Timer
	wait time.Duration
}

// Read reads and begins to wait anew.
func (r *timedReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if n > 0 {
		r.late.Reset(r.wait)
	}
	return n, err
}

// failed is the error of a try that has brought no reply.
func (c *client) failed(err error) error {
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err // which does not name the URL
	}
	timeout := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
	var network net.Error
	if errors.As(err, &network) {
		timeout = timeout || network.Timeout()
	}
	reason := fmt.Sprintf("%s: %s", c.shown, err)
	if timeout {
		reason = c.shown + " does not answer in time"
	}
	return &CallError{Reason: reason, Retry: true, Timeout: timeout}
}

// again are the codes below 500 after which another try may go well.
var again = map[int]bool{408: true, 409: true, 420: true, 425: true, 429: true, 499: true}

// refused is the error of a reply that is none.
func (c *client) refused(got *http.Response) error {
	begin := make([]byte, 512)
	n, _ := io.ReadFull(io.LimitReader(got.Body, int64(len(begin))), begin)
	reason := fmt.Sprintf("%s answers %d", c.shown, got.StatusCode)
	text := c.hide(string(begin[:n]))
	if n == len(begin) { // there may be a piece of the token at its end
		text = text[:max(0, len(text)-len(c.endpoint.Token))]
	}
	if text = clean(text, 200); text != "" {
		reason += ": " + text
	}
	if got.StatusCode >= 300 && got.StatusCode < 400 {
		reason += " (redirects are not followed: name the place itself)"
	}
	e := &CallError{Reason: reason, Retry: again[got.StatusCode] || got.StatusCode >= 500}
	if wait := got.Header.Get("Retry-After"); wait != "" && e.Retry {
		if s, err := strconv.Atoi(strings.TrimSpace(wait)); err == nil && s >= 0 {
			e.After = time.Duration(min(s, 3600)) * time.Second
		} else if at, err := http.ParseTime(wait); err == nil {
			e.After = min(max(time.Until(at), 0), time.Hour)
		}
	}
	return e
}

// clean makes one line of at most so many bytes of a text from outside.
func clean(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
