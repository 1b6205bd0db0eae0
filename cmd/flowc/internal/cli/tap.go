package cli

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
)

// askAgain is how long tap waits for a job that has failed to be started again.
const askAgain = 200 * time.Millisecond

// tapCommand is "flowc tap ADDR STREAM".
func (a *app) tapCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tap ADDR STREAM",
		Short: "Show some records of a stream of a running pipeline",
		Long: "tap shows records of a stream: as a source reads them, as a sink writes them, or, of a stream\n" +
			"between, as JSON with the fields that the program reads. An output with a name is STREAM.OUTPUT,\n" +
			"what flows between two steps of one declaration STREAM.STEP. It is a sample, of a thousand a second\n" +
			"and shard at most, for the pipeline never waits for who looks. It goes on until it is interrupted, --count is reached or the pipeline ends.",
		Example: "  flowc tap 127.0.0.1:8080 alerts --count 10",
		Args:    func(cmd *cobra.Command, args []string) error { return wantAddr(cmd, args, "a stream") },
	}
	count := cmd.Flags().Int("count", 0, "records to show; 0 for no end")
	flags := addRemote(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *count < 0 {
			return &usageError{"--count cannot be less than 0", seeHelp(cmd)}
		}
		r, err := flags.remote(args[0])
		if err != nil {
			return err
		}
		answered := false
		for shown := 0; *count == 0 || shown < *count; {
			limit := 100
			if *count > 0 {
				limit = min(limit, *count-shown)
			}
			var said struct {
				Rows    []string
				Running bool
				Failed  bool
			}
			if err := r.get(cmd.Context(), fmt.Sprintf("/tap/%s?limit=%d", url.PathEscape(args[1]), limit), &said); err != nil {
				switch {
				case cmd.Context().Err() != nil:
					return nil
				case answered:
					fmt.Fprintf(a.stderr, "flowc: the pipeline has ended: %v\n", err)
					return nil
				}
				return err
			}
			answered = true
			for _, row := range said.Rows {
				if isTerminal(a.stdout.w) {
					row = printable(row)
				}
				fmt.Fprintln(a.stdout, row)
			}
			shown += len(said.Rows)
			switch {
			case said.Running || len(said.Rows) > 0:
			case !said.Failed:
				return nil
			default: // the job is started again
				select {
				case <-cmd.Context().Done():
					return nil
				case <-time.After(askAgain):
				}
			}
		}
		return nil
	}
	return cmd
}

// printable shows what a terminal would take for a command, as � does what is no text:
// rows come from anywhere.
func printable(row string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, row)
}
