package doc

import (
	"maps"
	"slices"
	"strings"

	"github.com/flow-lang/flowc"
)

// keywords are the words of the language itself, by the heading of docs/language.md
// under which each is explained.
var keywords = map[string][]string{
	"Source text":                    {"pipeline", "true", "false"},
	"Types":                          {"bool", "int", "int32", "float", "float32", "decimal", "string", "bytes", "timestamp", "duration", "date", "uuid", "json", "record", "enum", "union"},
	"Expressions and statements":     {"let", "var", "if", "else", "for", "while", "match", "return", "break", "continue", "func", "with", "none", "drop"},
	"Functions in Go":                {"extern", "go"},
	"Functions that take their time": {"ordered", "timeout", "capacity", "retries"},
	"Sources and sinks":              {"source", "sink", "event", "idle", "param", "env", "follow", "malformed"},
	"Operators":                      {"operator", "in", "out", "on", "key", "emit", "shapes", "require", "retention"},
	"State":                          {"state", "value", "list", "map", "sorted", "set", "broadcast", "clear"},
	"Aggregates":                     {"aggregate", "add", "merge", "result"},
	"Dynamic state":                  {"dynamic"},
	"Retention":                      {"ttl", "forever", "after", "by"},
	"Timers":                         {"timer", "processing", "time", "watermark"},
	"Remote functions":               {"remote"},
	"Messages":                       {"send", "message"},
	"Errors":                         {"error", "fail", "skip"},
	"Streams":                        {"stream", "uid", "fragment"},
	"Tests":                          {"test", "expect"},
	"Libraries of your own":          {"library", "import"},
}

// Keywords returns an entry for each word of the language itself, whose text is the
// section that explains it.
func Keywords() []Entry {
	var all []Entry
	for _, heading := range slices.Sorted(maps.Keys(keywords)) {
		text := section(flowc.Language(), heading)
		for _, w := range keywords[heading] {
			all = append(all, Entry{Kind: "keyword", Name: w, Signature: w + ", a word of the language: " + heading, Doc: text})
		}
	}
	slices.SortFunc(all, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// section returns the text under a heading of a page of Markdown, up to the next one.
func section(page, heading string) string {
	var out strings.Builder
	found, code := false, false
	for line := range strings.Lines(page) {
		code = code != strings.HasPrefix(line, "```")
		if level := strings.TrimLeft(line, "#"); !code && level != line && strings.HasPrefix(level, " ") {
			if found {
				break
			}
			found = strings.TrimSpace(level) == heading
			continue
		}
		if found {
			out.WriteString(line)
		}
	}
	return strings.TrimSpace(out.String())
}
