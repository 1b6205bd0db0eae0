package lang_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/golden"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
)

// program returns the program of a golden: in.flow, or, for bytes that should
// not stand in a file, in.quoted as a string of Go. It ends with 10001 times the
// text of link, if there is one.
func program(inputs map[string]string) string {
	if quoted, ok := inputs["in.quoted"]; ok {
		text, err := strconv.Unquote(strings.TrimSpace(quoted))
		if err != nil {
			panic(err)
		}
		return text
	}
	return inputs["in.flow"] + strings.Repeat(strings.TrimSuffix(inputs["link"], "\n"), 10_001)
}

// messages returns what flowc prints about a program.
func messages(report *diag.List, text string) string {
	var out strings.Builder
	if err := diag.Text(&out, report.Sorted(), map[string]string{"in.flow": text}, false); err != nil {
		panic(err)
	}
	return out.String()
}

func TestParseGoldens(t *testing.T) {
	t.Parallel()
	golden.Run(t, "parse", func(inputs map[string]string) golden.Outcome {
		var report diag.List
		text := program(inputs)
		file := lang.Parse("in.flow", text, &report)
		if _, long := inputs["link"]; long {
			return golden.Outcome{"diagnostics": messages(&report, text)}
		}
		return golden.Outcome{"diagnostics": messages(&report, text), "tree": dump(file)}
	})
}

func TestFormatGoldens(t *testing.T) {
	t.Parallel()
	golden.Run(t, "fmt", func(inputs map[string]string) golden.Outcome {
		var report diag.List
		text, ok := lang.FormatSource("in.flow", inputs["in.flow"], &report)
		if !ok {
			return golden.Outcome{"diagnostics": messages(&report, text)}
		}
		return golden.Outcome{"formatted": text}
	})
}
