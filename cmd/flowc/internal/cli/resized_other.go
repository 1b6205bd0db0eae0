//go:build !unix

package cli

import "os"

// notifyResized does nothing: the next table has the new size.
func notifyResized(chan<- os.Signal) {}
