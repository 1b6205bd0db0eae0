package serve

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/flow-lang/flowc/rt"
)

// Limits of what clients may do.
const (
	headerTime    = 5 * time.Second  // to send the header of a request
	requestTime   = 15 * time.Second // to send a request, and to be answered
	idleTime      = time.Minute      // of a connection between requests
	maxHeader     = 16 << 10         // bytes
	maxBody       = 64 << 10         // bytes
	maxConns      = 4096             // open connections; further ones are closed
	maxConcurrent = 64               // requests that are being answered; further ones are told to wait
	maxTaps       = 16               // of them those that tap a stream, which wait for rows
	minToken      = 16               // bytes that a token must have
)

// tokenVariable is the environment variable that may hold the token.
const tokenVariable = "FLOW_HTTP_TOKEN" //nolint:gosec // the name of the variable, not what is in it

// server answers requests about the job that was attached last.
type server struct {
	spec  *rt.Spec
	opts  rt.ServeOptions
	log   *slog.Logger
	token string // "" if clients need none
	local bool   // only this machine reaches the address
	port  string
	http  *http.Server
	front *front
	slots chan struct{} // one for each request that is being answered
	taps  chan struct{} // one for each of them that taps a stream
	job   atomic.Pointer[rt.Job]
	saved atomic.Pointer[rt.Checkpointed]
}

// Start listens at the address that o gives. The error is a *rt.UsageError, but
// for an address that is right and cannot be had now.
//
// An address that other machines reach needs TLS and a token, or the
// certificates of clients.
func Start(spec *rt.Spec, o rt.ServeOptions) (rt.Server, error) {
	s := &server{spec: spec, opts: o, log: o.Log, slots: make(chan struct{}, maxConcurrent), taps: make(chan struct{}, maxTaps)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	at, err := net.ResolveTCPAddr("tcp", o.Addr)
	if err != nil {
		return nil, usage("--http %s: want host:port, such as 127.0.0.1:8080: %v", o.Addr, err)
	}
	s.local = at.IP.IsLoopback()
	if s.token, err = readToken(o); err != nil {
		return nil, err
	}
	secured, err := s.tls()
	if err != nil {
		return nil, err
	}
	if !s.local && (secured == nil || s.token == "" && o.ClientCA == "") {
		return nil, usage("--http %s: other machines reach this address, so it needs TLS (--http-cert FILE --http-key FILE) "+
			"and a token (--http-token-file FILE, or the environment variable %s); 127.0.0.1:%d needs neither", o.Addr, tokenVariable, at.Port)
	}
	listener, err := net.ListenTCP("tcp", at)
	if err != nil {
		return nil, fmt.Errorf("--http %s: %w", o.Addr, err)
	}
	_, s.port, _ = net.SplitHostPort(listener.Addr().String())
	s.http = &http.Server{
		Handler:           s.guarded(s.routes()),
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       requestTime,
		WriteTimeout:      requestTime + headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(quiet{s.log}, "", 0),
	}
	s.front = newFront(s, &limited{Listener: listener}, secured)
	go s.serve()
	s.log.Info("serving", "address", listener.Addr().String(), "tls", secured != nil, "token", s.token != "")
	return s, nil
}

func usage(format string, args ...any) error {
	return &rt.UsageError{Message: fmt.Sprintf(format, args...)}
}

func (s *server) serve() {
	if err := s.http.Serve(s.front); !errors.Is(err, http.ErrServerClosed) {
		s.log.Error("the server has ended", "error", err)
	}
}

// Attach makes j the job that is served.
func (s *server) Attach(j *rt.Job) {
	j.Observe()
	s.job.Store(j)
}

// AttachCheckpoints makes c what questions about the last checkpoint go to.
func (s *server) AttachCheckpoints(c *rt.Checkpointed) { s.saved.Store(c) }

// grace is how long a server that ends waits for the requests it is answering.
const grace = 2 * time.Second

// Close lets requests end that are being answered, for a moment, and ends the
// server.
func (s *server) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
	s.front.drain(ctx)
}

// readToken returns the token that clients must show, or "".
func readToken(o rt.ServeOptions) (string, error) {
	from, token := "the environment variable "+tokenVariable, ""
	if o.Getenv != nil {
		token, _ = o.Getenv(tokenVariable)
	}
	if o.TokenFile != "" {
		text, err := os.ReadFile(o.TokenFile)
		if err != nil {
			return "", usage("--http-token-file: %v", err)
		}
		from, token = "--http-token-file "+o.TokenFile, string(text)
	}
	if token = strings.TrimSpace(token); token == "" {
		if o.TokenFile != "" {
			return "", usage("%s: the file holds no token", from)
		}
		return "", nil
	}
	if len(token) < minToken || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", usage("%s: want at least %d letters, digits or signs without blanks, as from: head -c 24 /dev/urandom | base64", from, minToken)
	}
	return token, nil
}

// tls returns the configuration that the flags ask for, or nil.
func (s *server) tls() (*tls.Config, error) {
	o := &s.opts
	if o.Cert == "" && o.Key == "" {
		if o.ClientCA != "" {
			return nil, usage("--http-client-ca: certificates of clients need TLS: give --http-cert FILE and --http-key FILE")
		}
		return nil, nil
	}
	if o.Cert == "" || o.Key == "" {
		return nil, usage("--http-cert and --http-key go together: the certificate, and its private key")
	}
	pair, err := tls.LoadX509KeyPair(o.Cert, o.Key)
	if err != nil {
		return nil, usage("--http-cert %s: %v", o.Cert, err)
	}
	c := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if o.ClientCA != "" {
		text, err := os.ReadFile(o.ClientCA)
		if err != nil {
			return nil, usage("--http-client-ca: %v", err)
		}
		c.ClientCAs, c.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
		if !c.ClientCAs.AppendCertsFromPEM(text) {
			return nil, usage("--http-client-ca %s: the file holds no certificate", o.ClientCA)
		}
	}
	return c, nil
}

// limited closes connections beyond maxConns.
type limited struct {
	net.Listener
	open atomic.Int32
}

// Accept waits for the next connection that there is room for.
func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.open.Add(1) <= maxConns {
			return &counted{Conn: c, l: l}, nil
		}
		l.open.Add(-1)
		_ = c.Close()
	}
}

// counted is a connection that gives its place back.
type counted struct {
	net.Conn
	l      *limited
	closed atomic.Bool
}

// Close closes the connection.
func (c *counted) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.l.open.Add(-1)
	}
	return c.Conn.Close()
}

// quiet logs what net/http has to say about clients that misbehave.
type quiet struct{ log *slog.Logger }

func (q quiet) Write(text []byte) (int, error) {
	q.log.Debug("http", "message", strings.TrimSpace(string(text)))
	return len(text), nil
}
