package golden_test

import (
	"strings"
	"testing"

	"github.com/flow-lang/flowc/golden"
)

func TestRun(t *testing.T) {
	t.Parallel()
	golden.Run(t, "self", func(inputs map[string]string) golden.Outcome {
		return golden.Outcome{"upper": strings.ToUpper(inputs["in.txt"]), "nothing": ""}
	})
}
