package wire_test

import (
	"testing"

	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// TestAppendJSON: a value stays on its line.
func TestAppendJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{`{"a": 1}`, `>{"a": 1}`},
		{"{\n  \"a\": \"\\n\",\n  \"b\": [1,\n2]}\n", `>{  "a": "\n",  "b": [1,2]}`},
		{"\n", ">"},
	} {
		if got := string(wire.AppendJSON([]byte(">"), value.JSON(c.in))); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}
