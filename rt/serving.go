package rt

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"runtime"
)

// Service is what a pipeline binary needs to serve at --http, and to ask one that
// does. Package serve has it; the zero Service is of a binary that has no server.
type Service struct {
	// Start starts the server. It refuses what must not be served, with a
	// [*UsageError], before anything of the program is opened.
	Start func(spec *Spec, o ServeOptions) (Server, error)

	// Savepoint asks the job that serves at o.Addr for a savepoint in a directory,
	// and returns when it is whole. With stop the job then ends.
	Savepoint func(ctx context.Context, o ServeOptions, to string, stop bool) error

	// Describe asks the job that serves at o.Addr what it is, as [Job.Describe]
	// says it.
	Describe func(ctx context.Context, o ServeOptions) ([]byte, error)
}

// A Server answers questions about the job that it was given last. Until there
// is one, and after it has ended, it says that the job is not ready.
type Server interface {
	// Attach makes j the job that is served.
	Attach(j *Job)

	// AttachCheckpoints makes c what questions about the last checkpoint go to.
	AttachCheckpoints(c *Checkpointed)

	// Close ends the server. Requests that are being answered are cut off.
	Close()
}

// ServeOptions say what is served, and to whom.
type ServeOptions struct {
	ServeFlags
	Getenv func(name string) (string, bool)
	Stop   func() // ends the job as SIGTERM does
	Log    *slog.Logger
}

// ServeFlags are the --http flags of a pipeline binary.
type ServeFlags struct {
	Addr      string // host:port to listen on
	Cert, Key string // files for TLS; "" for none
	ClientCA  string // file with the authorities of clients' certificates; "" to ask for none
	TokenFile string // file with the token that clients must show; "" for none
	Profiles  bool   // serve /debug/pprof
}

// ErrNotRunning says that a job has ended, or has not begun.
var ErrNotRunning = errors.New("the job is not running")

// Observe makes the job keep the figures that cost a look at each record, and
// the last errors that it went on after. It is called before the job runs.
func (j *Job) Observe() { j.observed.Store(true) }

// Spec returns the program that the job runs.
func (j *Job) Spec() *Spec { return &j.spec }

// Running reports whether the job handles its input: it has not failed, is not
// stopping and has not ended.
func (j *Job) Running() bool {
	return j.running.Load() && !j.failed.Load() && !j.stopping.Load()
}

// Failed reports whether the job has failed. It is started again if it may be.
func (j *Job) Failed() bool { return j.failed.Load() }

// noServer stands for the server of a job that nobody asked to serve.
type noServer struct{}

func (noServer) Attach(*Job)                     {}
func (noServer) AttachCheckpoints(*Checkpointed) {}
func (noServer) Close()                          {}

// errNoServer refuses what needs the server that is not linked.
var errNoServer = usagef("--http: this binary was built without a server, by flowc build --server none")

// startServer starts the server that the flags ask for, if they ask for one.
func startServer(spec *Spec, serve Service, c *command, log *slog.Logger, stop func()) (Server, error) {
	switch {
	case c.http.Addr == "" && c.http != (ServeFlags{}):
		return nil, usagef("flags that begin with --http- say how to serve: give --http ADDR, too")
	case c.http.Addr == "":
		return noServer{}, nil
	case serve.Start == nil:
		return nil, errNoServer
	}
	return serve.Start(spec, ServeOptions{ServeFlags: c.http, Getenv: os.LookupEnv, Stop: stop, Log: log})
}

// roomToServe gives requests a place beside the workers of a job with so many
// shards, which it returns; 0 means the number of cores. Workers that are never
// without work have a place each, and the scheduler looks at the network only each
// 10 ms while there is none that is free. With one more, a request wakes a thread
// at once, and the operating system shares the cores out. Who sets GOMAXPROCS in
// the environment decides alone.
func roomToServe(shards int) int {
	cores := runtime.GOMAXPROCS(0)
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(cores + 1)
	}
	if shards < 1 {
		return cores
	}
	return shards
}

// askSavepoint runs the command savepoint: it asks a running job for one.
func askSavepoint(serve Service, c *command) error {
	switch {
	case c.http.Addr == "":
		return usagef("savepoint asks a job that runs: give --http ADDR, where it serves")
	case c.to == "":
		return usagef("savepoint wants --to DIR, a directory that is not there yet")
	case serve.Savepoint == nil:
		return errNoServer
	}
	ctx, _, release := stopBySignal()
	defer release()
	return serve.Savepoint(ctx, ServeOptions{ServeFlags: c.http, Getenv: os.LookupEnv}, c.to, c.stop)
}
