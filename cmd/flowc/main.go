// Command flowc compiles programs in the Flow language to pipelines that need
// nothing else to run. "flowc help" lists what it does.
package main

import (
	"os"

	"github.com/flow-lang/flowc/cmd/flowc/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
