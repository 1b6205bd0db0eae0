package diag_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

// at returns the span of the first occurrence of what in text.
func at(name, text, what string) source.Span {
	i := strings.Index(text, what)
	pos := func(offset int) source.Pos {
		line := strings.Count(text[:offset], "\n") + 1
		return source.Pos{Filename: name, Offset: offset, Line: line, Column: offset - strings.LastIndex(text[:offset], "\n")}
	}
	return source.Span{Start: pos(i), End: pos(i + len(what))}
}

const clicks = "record Click { user: string }\n\nstream s = clicks\n\t|> 鍵e\u0301(usr)\n"

func sample() []diag.Diagnostic {
	return []diag.Diagnostic{
		{
			Code: "T0203", Span: at("clicks.flow", clicks, "usr"), Message: `unknown field "usr" on Click`,
			Notes: []diag.Note{
				{Span: at("clicks.flow", clicks, "Click"), Message: "Click is declared here"},
				{Message: "fields are told apart by case"},
			},
			Help: `did you mean "user"?`,
		},
		{Code: "S0001", Severity: diag.Warning, Message: "nothing is read: 100%"},
	}
}

func TestLongTextsAreCut(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 1000)
	want := strings.Repeat("é", 500) + "…"
	var list diag.List
	list.Add(diag.Diagnostic{Message: long, Help: long, Notes: []diag.Note{{Message: long}}})
	got := list.Sorted()[0]
	if diff := cmp.Diff([]string{want, want, want}, []string{got.Message, got.Help, got.Notes[0].Message}); diff != "" {
		t.Errorf("message, help, note (-want +got):\n%s", diff)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	long := "let x = " + strings.Repeat("a", 100) + " wrong " + strings.Repeat("b", 100)
	two := "match e {\n  a => 1\n}"
	tests := []struct {
		name  string
		diags []diag.Diagnostic
		text  string
		color bool
		want  string
	}{
		{
			name: "tabs stay, wide and combining characters count as they look", diags: sample(), text: clicks,
			want: "clicks.flow:4:12: error[T0203]: unknown field \"usr\" on Click\n" +
				"    4 | \t|> 鍵e\u0301(usr)\n" +
				"      | \t       ^^^\n" +
				"  note: clicks.flow:1:8: Click is declared here\n" +
				"  note: fields are told apart by case\n" +
				"  help: did you mean \"user\"?\n" +
				"warning[S0001]: nothing is read: 100%\n",
		},
		{
			name:  "of a span of several lines the first is shown",
			diags: []diag.Diagnostic{{Code: "L0101", Span: at("clicks.flow", two, two), Message: "m"}}, text: two,
			want: "clicks.flow:1:1: error[L0101]: m\n    1 | match e {\n      | ^^^^^^^^^\n",
		},
		{
			name:  "a long line is cut",
			diags: []diag.Diagnostic{{Code: "L0101", Span: at("clicks.flow", long, "wrong"), Message: "m"}}, text: long,
			want: "clicks.flow:1:110: error[L0101]: m\n" +
				"    1 | …" + strings.Repeat("a", 59) + " wrong " + strings.Repeat("b", 93) + "…\n" +
				"      | " + strings.Repeat(" ", 61) + "^^^^^\n",
		},
		{
			name:  "nothing of the text reaches the terminal as a command",
			diags: []diag.Diagnostic{{Code: "L0002", Span: at("clicks.flow", "a\x1b[2Jb\u202e", "b"), Message: "bad \x1b[31m"}}, text: "a\x1b[2Jb\u202e",
			want: "clicks.flow:1:6: error[L0002]: bad \ufffd[31m\n    1 | a\ufffd[2Jb\ufffd\n      |      ^\n",
		},
		{
			name:  "an empty span has one caret, an unknown file no excerpt, a place after the end none either",
			diags: []diag.Diagnostic{{Code: "A", Span: source.Span{Start: source.Pos{Filename: "clicks.flow", Line: 1, Column: 3}, End: source.Pos{Filename: "clicks.flow", Line: 1, Column: 3}}, Message: "m"}, {Code: "B", Span: source.Span{Start: source.Pos{Filename: "x", Line: 9, Column: 9}}, Message: "m"}},
			text:  "ab", want: "clicks.flow:1:3: error[A]: m\n    1 | ab\n      |   ^\nx:9:9: error[B]: m\n",
		},
		{
			name:  "colored",
			diags: []diag.Diagnostic{{Code: "A", Span: at("clicks.flow", "ab", "b"), Message: "m", Help: "h"}}, text: "ab", color: true,
			want: "\x1b[1mclicks.flow:1:2:\x1b[0m \x1b[1;31merror[A]\x1b[0m: \x1b[1mm\x1b[0m\n" +
				"\x1b[34m    1 |\x1b[0m ab\n\x1b[34m      |\x1b[0m  \x1b[1;31m^\x1b[0m\n  \x1b[1mhelp:\x1b[0m h\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			if err := diag.Text(&got, tt.diags, map[string]string{"clicks.flow": tt.text}, tt.color); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.String()); diff != "" {
				t.Errorf("Text (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	if err := diag.JSON(&got, sample()); err != nil {
		t.Fatal(err)
	}
	want := `{"code":"T0203","severity":"error","file":"clicks.flow","line":4,"column":12,"endLine":4,"endColumn":15,` +
		`"message":"unknown field \"usr\" on Click","notes":[` +
		`{"file":"clicks.flow","line":1,"column":8,"endLine":1,"endColumn":13,"message":"Click is declared here"},` +
		`{"file":"","line":0,"column":0,"endLine":0,"endColumn":0,"message":"fields are told apart by case"}],` +
		`"help":"did you mean \"user\"?"}` + "\n" +
		`{"code":"S0001","severity":"warning","file":"","line":0,"column":0,"endLine":0,"endColumn":0,` +
		`"message":"nothing is read: 100%","notes":[],"help":""}` + "\n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestGitHub(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	if err := diag.GitHub(&got, sample()); err != nil {
		t.Fatal(err)
	}
	want := `::error file=clicks.flow,line=4,endLine=4,col=12,endColumn=15,title=T0203::unknown field "usr" on Click` +
		`%0Anote: Click is declared here (clicks.flow:1:8)%0Anote: fields are told apart by case%0Ahelp: did you mean "user"?` + "\n" +
		"::warning title=S0001::nothing is read: 100%25\n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("GitHub (-want +got):\n%s", diff)
	}
}

func TestSARIF(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	if err := diag.SARIF(&got, sample(), map[string]string{"clicks.flow": clicks}); err != nil {
		t.Fatal(err)
	}
	want := `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{` +
		`"tool":{"driver":{"name":"flowc","rules":[{"id":"T0203"},{"id":"S0001"}]}},"columnKind":"unicodeCodePoints","results":[` +
		`{"ruleId":"T0203","level":"error","message":{"text":"unknown field \"usr\" on Click\nhelp: did you mean \"user\"?\nnote: fields are told apart by case"},` +
		`"locations":[{"physicalLocation":{"artifactLocation":{"uri":"clicks.flow"},"region":{"startLine":4,"startColumn":9,"endLine":4,"endColumn":12}}}],` +
		`"relatedLocations":[{"physicalLocation":{"artifactLocation":{"uri":"clicks.flow"},"region":{"startLine":1,"startColumn":8,"endLine":1,"endColumn":13}},` +
		`"message":{"text":"Click is declared here"}}]},` +
		`{"ruleId":"S0001","level":"warning","message":{"text":"nothing is read: 100%"}}]}]}`
	var wantValue, gotValue any
	if err := json.Unmarshal([]byte(want), &wantValue); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(got.String()), &gotValue); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantValue, gotValue); diff != "" {
		t.Errorf("SARIF (-want +got):\n%s", diff)
	}
}

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	words := []string{"record", "source", "stream", "sink", "temperature"}
	tests := []struct{ name, want string }{
		{"recrod", `did you mean "record"?`},
		{"Record", `did you mean "record"?`},
		{"sorce", `did you mean "source"?`},
		{"temprature", `did you mean "temperature"?`},
		{"snik", `did you mean "sink"?`},
		{"xyz", ""},
		{"record", ""},
		{"", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, diag.DidYouMean(tt.name, words)); diff != "" {
				t.Errorf("DidYouMean(%q) (-want +got):\n%s", tt.name, diff)
			}
		})
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	var l diag.List
	one := diag.Diagnostic{Code: "B", Severity: diag.Warning, Span: at("f", "ab", "b"), Message: "m"}
	two := diag.Diagnostic{Code: "A", Span: at("f", "ab", "a"), Message: "m"}
	l.Add(one)
	if l.HasErrors() {
		t.Error("a warning counts as an error")
	}
	l.Add(two)
	l.Add(one)
	if !l.HasErrors() {
		t.Error("an error does not count")
	}
	if diff := cmp.Diff([]diag.Diagnostic{two, one}, l.Sorted()); diff != "" {
		t.Errorf("Sorted (-want +got):\n%s", diff)
	}
}
