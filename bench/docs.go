package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// The lines between which the table of the documentation stands.
const (
	docsBegin = "<!-- figures: written by go run ./bench -docs -->\n"
	docsEnd   = "<!-- end of figures -->\n"
)

// rewriteDocs puts the figures of the file results into the page.
func rewriteDocs(results, page string) error {
	figures, err := readFigures(results)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	text, err = withFigures(text, figures)
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	return os.WriteFile(page, text, 0o644)
}

// withFigures replaces what stands between the two marks.
func withFigures(page []byte, figures []Figure) ([]byte, error) {
	head, rest, ok := bytes.Cut(page, []byte(docsBegin))
	if !ok {
		return nil, fmt.Errorf("there is no line %q", strings.TrimSpace(docsBegin))
	}
	_, tail, ok := bytes.Cut(rest, []byte(docsEnd))
	if !ok {
		return nil, fmt.Errorf("there is no line %q", strings.TrimSpace(docsEnd))
	}
	var b bytes.Buffer
	b.Write(head)
	b.WriteString(docsBegin)
	b.WriteString("\n| measured | against | ratio | goal | | median | other | unit |\n|---|---|---:|---:|---|---:|---:|---|\n")
	for _, f := range figures {
		fmt.Fprintf(&b, "| %s | %s | %.2f | %s | %s | %.4g | %.4g | %s |\n",
			f.Name, f.Against, f.Ratio, goal(f), verdict(f), f.Value, f.Base, f.Unit)
	}
	b.WriteString("\n")
	b.WriteString(docsEnd)
	b.Write(tail)
	return b.Bytes(), nil
}
