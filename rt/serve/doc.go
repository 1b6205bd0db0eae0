// Package serve is the server of a pipeline binary: dashboard, metrics,
// queryable state and control of a running job, at --http.
//
// In go requests of clients, which nothing is believed of; out come answers
// about the job that was attached last. Who may ask is decided in guard.go, once
// for all; what may be asked is the list in routes.go. The package reads the
// job's figures and asks its shards between two steps; it never changes state,
// opens no file by a name that a client gives, and shows no secret.
package serve
