package compat

import (
	"slices"
	"strings"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Edit replaces a piece of source text.
type Edit struct {
	Span source.Span
	Text string
}

// edits turns a mend into edits of the new program; nil if its text is not known
// or has another form than the mend expects.
func edits(side *Side, m evolve.Mend) []Edit {
	p := side.Places
	if p == nil {
		return nil
	}
	switch m.Kind {
	case evolve.AddLine:
		return appended(side, m.Text+" // say why")
	case evolve.RemoveLine:
		return removed(side, p.acknowledgement(m.Text))
	case evolve.AddWas:
		return wasOf(side, m)
	case evolve.AddDefault, evolve.AddOption, evolve.InsteadType:
		return typed(side, m)
	case evolve.AddFallback:
		return fallback(side, m)
	}
	return nil
}

// fallback says what a part of an aggregate is before anything is added to it.
func fallback(side *Side, m evolve.Mend) []Edit {
	part := side.Places.part(m.UID, m.State, m.Path)
	if part == nil {
		return nil
	}
	span := side.Places.named(part.Span)
	text, known := side.Texts[span.End.Filename]
	zero := types.Sample(part.Result.Type)
	if !known || zero == "…" {
		return nil
	}
	return insert(span.End.Filename, text, span.End.Offset, " ?? "+zero)
}

// appended adds a line at the end of the program's own file.
func appended(side *Side, line string) []Edit {
	text, ok := side.Texts[side.Places.main]
	if !ok {
		return nil
	}
	line = "\n" + line + "\n"
	if !strings.HasSuffix(text, "\n") {
		line = "\n" + line
	}
	at := position(side.Places.main, text, len(text))
	return []Edit{{source.Span{Start: at, End: at}, line}}
}

// position is where the byte at offset stands.
func position(file, text string, offset int) source.Pos {
	before := text[:offset]
	return source.Pos{
		Filename: file, Offset: offset, Line: 1 + strings.Count(before, "\n"), Column: offset - strings.LastIndexByte(before, '\n'),
	}
}

// removed takes out the line of a declaration.
func removed(side *Side, span source.Span) []Edit {
	text, ok := side.Texts[span.Start.Filename]
	if !ok || !span.Start.IsValid() {
		return nil
	}
	start := strings.LastIndexByte(text[:span.Start.Offset], '\n') + 1
	end := len(text)
	if i := strings.IndexByte(text[span.End.Offset:], '\n'); i >= 0 {
		end = span.End.Offset + i + 1
	}
	file := span.Start.Filename
	return []Edit{{source.Span{Start: position(file, text, start), End: position(file, text, end)}, ""}}
}

// wasOf adds a former name to a step, a state or a field.
func wasOf(side *Side, m evolve.Mend) []Edit {
	clause := ` was "` + m.Text + `"`
	span, ok := side.Places.declared(m.What, m.UID, m.State, m.Path)
	text, known := side.Texts[span.Start.Filename]
	if !ok || !known {
		return nil
	}
	from, file := span.Start.Offset, span.Start.Filename
	switch {
	case m.State == "":
		uid := `uid "` + m.UID + `"`
		i := strings.Index(text[from:], uid)
		if i < 0 {
			return nil
		}
		return insert(file, text, from+i+len(uid), clause)
	case m.Path != "":
		return insert(file, text, from+declared(text[from:]).end, clause)
	default:
		return insert(file, text, from+lineEnd(text[from:]), clause)
	}
}

func insert(file, text string, offset int, added string) []Edit {
	at := position(file, text, offset)
	return []Edit{{source.Span{Start: at, End: at}, added}}
}

// lineEnd is where the code of the first line ends: before a comment.
func lineEnd(text string) int {
	line, _, _ := strings.Cut(text, "\n")
	quoted := false
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && quoted:
			i++
		case line[i] == '"':
			quoted = !quoted
		case !quoted && (strings.HasPrefix(line[i:], "//") || line[i] == ';' || line[i] == '}' && strings.Count(line[:i], "{") == strings.Count(line[:i], "}")):
			line = line[:i]
		}
	}
	return len(strings.TrimRight(line, " \t\r"))
}

// declaration is where the parts of "name: type = default was …" end.
type declaration struct{ typeStart, typeEnd, end int }

// declared measures a field of a record that begins at the front of text.
func declared(text string) declaration {
	d := declaration{}
	depth := 0
	i := 0
	for ; i < len(text); i++ {
		c := text[i]
		if c == '"' {
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			continue
		}
		if strings.IndexByte("<({[", c) >= 0 {
			depth++
		}
		if depth == 0 && (c == '\n' || c == ',' || c == '}' || strings.HasPrefix(text[i:], "//")) {
			break
		}
		if strings.IndexByte(">)}]", c) >= 0 {
			depth--
		}
		if depth != 0 {
			continue
		}
		switch {
		case c == ':' && d.typeStart == 0:
			d.typeStart = i + 1 + len(text[i+1:]) - len(strings.TrimLeft(text[i+1:], " \t"))
		case d.typeEnd == 0 && d.typeStart > 0 && i > d.typeStart && (c == '=' || strings.HasPrefix(text[i:], " was ") || strings.HasPrefix(text[i:], " json ")):
			d.typeEnd = len(strings.TrimRight(text[:i], " \t"))
		}
	}
	d.end = len(strings.TrimRight(text[:min(i, len(text))], " \t\r"))
	if d.typeEnd == 0 {
		d.typeEnd = d.end
	}
	return d
}

// kindAndTypes is where the kind of a state and its types stand in "name: kind<types> …";
// 0 where they are not written so.
func kindAndTypes(text string) (start, end int) {
	_, after, _ := strings.Cut(text, ":")
	rest := strings.TrimPrefix(strings.TrimLeft(after, " \t"), "broadcast ")
	start = len(text) - len(rest)
	depth := 0
	for i := range len(rest) {
		switch rest[i] {
		case '\n', '=':
			return 0, 0
		case '<':
			depth++
		case '>':
			if depth--; depth == 0 {
				return start, start + i + 1
			}
		}
	}
	return 0, 0
}

// typed edits the type of a field or a state.
func typed(side *Side, m evolve.Mend) []Edit {
	span, ok := side.Places.declared(m.What, m.UID, m.State, m.Path)
	text, known := side.Texts[span.Start.Filename]
	if !ok || !known {
		return nil
	}
	from, file := span.Start.Offset, span.Start.Filename
	if m.Path == "" {
		start, end := kindAndTypes(text[from:])
		if end == 0 {
			return nil
		}
		return []Edit{{source.Span{Start: position(file, text, from+start), End: position(file, text, from+end)}, m.Text}}
	}
	d := declared(text[from:])
	if d.typeStart == 0 {
		return nil
	}
	switch m.Kind {
	case evolve.AddDefault:
		return insert(file, text, from+d.typeEnd, " = "+m.Text)
	case evolve.AddOption:
		return insert(file, text, from+d.typeEnd, "?")
	default:
		return []Edit{{source.Span{Start: position(file, text, from+d.typeStart), End: position(file, text, from+d.typeEnd)}, m.Text}}
	}
}

// Apply makes edits in the texts of a program and returns the new texts of the
// files that changed. Edits that overlap an earlier one are left out.
func Apply(texts map[string]string, all []Edit) map[string]string {
	byFile := map[string][]Edit{}
	for _, e := range all {
		byFile[e.Span.Start.Filename] = append(byFile[e.Span.Start.Filename], e)
	}
	out := map[string]string{}
	for file, list := range byFile {
		text, ok := texts[file]
		if !ok {
			continue
		}
		slices.SortStableFunc(list, func(a, b Edit) int { return a.Span.Start.Offset - b.Span.Start.Offset })
		var b strings.Builder
		at := 0
		var last *Edit
		for i := range list {
			e := &list[i]
			if e.Span.Start.Offset < at || last != nil && *last == *e {
				continue
			}
			b.WriteString(text[at:e.Span.Start.Offset])
			b.WriteString(e.Text)
			at, last = e.Span.End.Offset, e
		}
		b.WriteString(text[at:])
		if b.String() != text {
			out[file] = b.String()
		}
	}
	return out
}
