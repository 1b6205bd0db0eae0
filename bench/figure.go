package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
)

// A Figure is one thing that was measured against another, or against a limit.
type Figure struct {
	Name    string  `json:"name"`    // what was measured, as "keyed-json/1e5"
	Against string  `json:"against"` // what it is held against, as "hand loop" or "limit of 50 ms"
	Ratio   float64 `json:"ratio"`   // of the two, in the direction that Better says
	Goal    float64 `json:"goal"`    // what Ratio is to reach
	Better  string  `json:"better"`  // "higher" or "lower"
	Value   float64 `json:"value"`   // what was measured, the median of all rounds
	Base    float64 `json:"base"`    // the other's median, or the limit
	Unit    string  `json:"unit"`    // of Value and Base: "ns of CPU per row", "s", "ms", "MB"
	Rounds  int     `json:"rounds"`
}

// Met reports whether the goal is reached.
func (f Figure) Met() bool {
	if f.Better == "lower" {
		return f.Ratio <= f.Goal
	}
	return f.Ratio >= f.Goal
}

// table renders figures for a terminal.
func table(figures []Figure) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "measured\tagainst\tratio\tgoal\t\tmedian\tother\tunit\trounds")
	for _, f := range figures {
		fmt.Fprintf(w, "%s\t%s\t%.2f\t%s\t%s\t%.4g\t%.4g\t%s\t%d\n",
			f.Name, f.Against, f.Ratio, goal(f), verdict(f), f.Value, f.Base, f.Unit, f.Rounds)
	}
	if err := w.Flush(); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	return b.String()
}

// goal is what the goal asks for; a figure may have none.
func goal(f Figure) string {
	switch {
	case f.Goal == 0:
		return "–"
	case f.Better == "lower":
		return fmt.Sprintf("≤ %.2f", f.Goal)
	default:
		return fmt.Sprintf("≥ %.2f", f.Goal)
	}
}

// verdict says whether the goal is reached, and by how much it is not.
func verdict(f Figure) string {
	if f.Goal == 0 {
		return "as measured"
	}
	if f.Met() {
		return "met"
	}
	return fmt.Sprintf("short by %.2f", max(f.Goal-f.Ratio, f.Ratio-f.Goal))
}

// writeFigures writes one object a line.
func writeFigures(path string, figures []Figure) error {
	var b bytes.Buffer
	lines := json.NewEncoder(&b)
	for _, f := range figures {
		if err := lines.Encode(f); err != nil {
			return err
		}
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// readFigures reads what writeFigures wrote.
func readFigures(path string) ([]Figure, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var figures []Figure
	for lines := json.NewDecoder(bytes.NewReader(text)); lines.More(); {
		var f Figure
		if err := lines.Decode(&f); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		figures = append(figures, f)
	}
	return figures, nil
}
