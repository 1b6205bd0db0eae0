//go:build unix

package cli

import (
	"fmt"
	"os"
	"syscall"
)

// become replaces flowc by the program at path with args, the first of which is
// its name. It returns only if that fails.
func (a *app) become(path string, args []string) error {
	return fmt.Errorf("start %s: %w", path, syscall.Exec(path, args, os.Environ()))
}
