package rt

import (
	"strconv"
	"time"

	"github.com/flow-lang/flowc/rt/value"
)

// savingFlags are the flags about checkpoints.
type savingFlags struct {
	to, from, onEnd            string
	interval, timeout, pause   time.Duration
	failures, retain, restarts int
	fresh                      bool
	allow, reset               []string
}

// set puts the flags into the options, in which 0 stands for what they are by
// default.
func (f *savingFlags) set(o *Options) {
	o.CheckpointTo, o.From, o.Fresh, o.SavepointOnEnd = f.to, f.from, f.fresh, f.onEnd
	o.CheckpointInterval, o.CheckpointTimeout, o.CheckpointPause = f.interval, f.timeout, f.pause
	o.Retain, o.AllowDropped, o.ResetSources = f.retain, f.allow, f.reset
	o.TolerableFailures, o.RestartAttempts = noneIsNegative(f.failures), noneIsNegative(f.restarts)
}

func noneIsNegative(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

// setText returns a setter of a flag that takes any text but none.
func setText(field func(*command) *string, name string) func(*command, string) error {
	return func(c *command, text string) error {
		if text == "" {
			return usagef("--%s: an empty value: leave the flag out", name)
		}
		*field(c) = text
		return nil
	}
}

// appendText returns a setter of a flag that may be given several times.
func appendText(field func(*command) *[]string, name string) func(*command, string) error {
	return func(c *command, text string) error {
		if text == "" {
			return usagef("--%s: an empty value: leave the flag out", name)
		}
		*field(c) = append(*field(c), text)
		return nil
	}
}

// setDuration returns a setter of a flag that takes a duration of Flow.
func setDuration(field func(*command) *time.Duration, name string) func(*command, string) error {
	return func(c *command, text string) error {
		d, ok := value.ParseDuration(text)
		if !ok || d <= 0 || d > 365*value.Day {
			return usagef("--%s: want a duration like 50ms or 10s, not %q", name, text)
		}
		*field(c) = time.Duration(d) * time.Microsecond
		return nil
	}
}

// setCount returns a setter of a flag that takes a whole number.
func setCount(field func(*command) *int, name string, least int) func(*command, string) error {
	return func(c *command, text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < least {
			return usagef("--%s: want a whole number from %d, not %q", name, least, text)
		}
		*field(c) = n
		return nil
	}
}
