// Package client writes typed clients of a pipeline's queryable state, in Go,
// TypeScript and Python: a file each, which needs nothing but the language's own
// library.
//
// In goes a checked program, out comes text; nothing here reads or writes files.
// A client has the types that answers show, under their names in Flow, and for
// each state methods that ask for one key, for several, for all by page, and for
// entries. What is the same for all programs, the requests with their time-outs,
// retries and pages, stands in the files called prelude.
package client
