// Command page puts the lines of reliability.json into docs/reliability.md. It is
// run in the root of the module.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/flow-lang/flowc/reliability"
)

// The lines between which the table stands.
const (
	begin = "<!-- figures: written by go run ./reliability/page -->\n"
	end   = "<!-- end of figures -->\n"
)

func main() {
	if err := write("reliability.json", "docs/reliability.md"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(from, page string) error {
	lines, err := reliability.Read(from)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	if text, err = with(text, lines); err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	return os.WriteFile(page, text, 0o644)
}

// with replaces what stands between the two marks.
func with(page []byte, lines []reliability.Line) ([]byte, error) {
	head, rest, ok := bytes.Cut(page, []byte(begin))
	if !ok {
		return nil, fmt.Errorf("there is no line %q", strings.TrimSpace(begin))
	}
	_, tail, ok := bytes.Cut(rest, []byte(end))
	if !ok {
		return nil, fmt.Errorf("there is no line %q", strings.TrimSpace(end))
	}
	var b bytes.Buffer
	b.Write(head)
	b.WriteString(begin + "\n| test | tier | what it did | promises broken |\n|---|---|---|---:|\n")
	for _, l := range lines {
		var did []string
		for _, c := range l.Counts {
			did = append(did, fmt.Sprintf("%s %s", grouped(c.N), c.Name))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %d |\n", l.Test, l.Tier, strings.Join(did, ", "), l.Bad)
	}
	b.WriteString("\n" + end)
	b.Write(tail)
	return b.Bytes(), nil
}

// grouped writes a number with commas.
func grouped(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
