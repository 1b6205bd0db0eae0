package diag

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/flow-lang/flowc/lang/source"
)

// place is a span as programs read it: lines and columns from 1, columns in
// bytes, the end behind the last one; zero for nowhere.
type place struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine"`
	EndColumn int    `json:"endColumn"`
}

func placeOf(s source.Span) place {
	return place{s.Start.Filename, s.Start.Line, s.Start.Column, s.End.Line, s.End.Column}
}

// JSON writes one object a line for each diagnostic, with the fields code,
// severity ("error" or "warning"), file, line, column, endLine, endColumn,
// message, notes (each with a place and a message) and help.
func JSON(w io.Writer, diags []Diagnostic) error {
	type note struct {
		place
		Message string `json:"message"`
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for _, d := range diags {
		notes := []note{}
		for _, n := range d.Notes {
			notes = append(notes, note{placeOf(n.Span), n.Message})
		}
		err := out.Encode(struct {
			Code     Code   `json:"code"`
			Severity string `json:"severity"`
			place
			Message string `json:"message"`
			Notes   []note `json:"notes"`
			Help    string `json:"help"`
		}{d.Code, d.Severity.String(), placeOf(d.Span), d.Message, notes, d.Help})
		if err != nil {
			return err
		}
	}
	return nil
}

// GitHub writes the commands by which a step of a GitHub workflow marks lines
// of a pull request.
func GitHub(w io.Writer, diags []Diagnostic) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, d := range diags {
		p := placeOf(d.Span)
		where := ""
		if p.Line > 0 {
			where = fmt.Sprintf("file=%s,line=%d,endLine=%d,col=%d,endColumn=%d,", property.Replace(p.File), p.Line, p.EndLine, p.Column, p.EndColumn)
		}
		text := d.Message
		for _, n := range d.Notes {
			text += "\nnote: " + n.Message
			if n.Span.Start.IsValid() {
				text += " (" + n.Span.String() + ")"
			}
		}
		if d.Help != "" {
			text += "\nhelp: " + d.Help
		}
		if _, err := fmt.Fprintf(w, "::%s %stitle=%s::%s\n", d.Severity, where, property.Replace(string(d.Code)), data.Replace(text)); err != nil {
			return err
		}
	}
	return nil
}

// The shapes of SARIF 2.1.0 that are used here. Source: OASIS, "Static Analysis
// Results Interchange Format (SARIF) Version 2.1.0", 2020.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID string `json:"id"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
)

// SARIF writes all diagnostics as one log in the Static Analysis Results
// Interchange Format, version 2.1.0. Its columns count code points, for which
// sources must hold the text of each file by its name; of files that are not in
// it the columns count bytes.
func SARIF(w io.Writer, diags []Diagnostic, sources map[string]string) error {
	lines := map[string][]string{}
	for name, text := range sources {
		lines[name] = strings.Split(text, "\n")
	}
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "flowc", Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints", Results: []sarifResult{},
	}
	known := map[Code]bool{}
	for _, d := range diags {
		if !known[d.Code] {
			known[d.Code] = true
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{string(d.Code)})
		}
		run.Results = append(run.Results, sarifResultOf(d, lines))
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(sarifLog{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run},
	})
}

func sarifResultOf(d Diagnostic, lines map[string][]string) sarifResult {
	text := d.Message
	if d.Help != "" {
		text += "\nhelp: " + d.Help
	}
	r := sarifResult{RuleID: string(d.Code), Level: d.Severity.String(), Message: sarifText{text}}
	if d.Span.Start.IsValid() {
		r.Locations = append(r.Locations, sarifLocation{Physical: sarifPlace(d.Span, lines)})
	}
	for _, n := range d.Notes {
		if n.Span.Start.IsValid() {
			r.Related = append(r.Related, sarifLocation{Physical: sarifPlace(n.Span, lines), Message: &sarifText{n.Message}})
		} else {
			r.Message.Text += "\nnote: " + n.Message
		}
	}
	return r
}

func sarifPlace(s source.Span, lines map[string][]string) sarifPhysical {
	return sarifPhysical{
		Artifact: sarifArtifact{URI: uri(s.Start.Filename)},
		Region: sarifRegion{
			StartLine: s.Start.Line, StartColumn: codePoint(s.Start, lines),
			EndLine: max(s.End.Line, s.Start.Line), EndColumn: codePoint(s.End, lines),
		},
	}
}

// codePoint returns the column of p in code points.
func codePoint(p source.Pos, lines map[string][]string) int {
	text := lines[p.Filename]
	if p.Line < 1 || p.Line > len(text) || p.Column-1 > len(text[p.Line-1]) {
		return max(p.Column, 1)
	}
	return utf8.RuneCountInString(text[p.Line-1][:p.Column-1]) + 1
}

// uri returns a file's name as a relative reference.
func uri(name string) string {
	const safe = "-._~/"
	var out strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '\\' {
			c = '/'
		}
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte(safe, c) >= 0 {
			out.WriteByte(c)
			continue
		}
		fmt.Fprintf(&out, "%%%02X", c)
	}
	return out.String()
}
