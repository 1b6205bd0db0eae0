package load

import (
	"slices"
	"strings"
	"unicode"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck"
)

// A damage is what mistakes in the grammar leave unknown of a program. The
// checker sees less than its author wrote, and what it misses for that reason
// is no second mistake.
type damage struct {
	any   bool            // there is a mistake in the grammar
	lost  bool            // there is one that may have hidden a name
	decls []source.Span   // the declarations that hold one
	words map[string]bool // what stands in these
}

// note takes the mistakes in the grammar of file.
func (dmg *damage) note(file *lang.File, text string, mistakes []diag.Diagnostic) {
	for _, m := range mistakes {
		if m.Severity != diag.Error {
			continue
		}
		dmg.any = true
		known := false
		for i, d := range file.Decls {
			// Reading stops at a mistake, so the declaration may end before it.
			span := d.Span()
			if at := m.Span.Start; at.Line == span.End.Line && at.Offset > span.End.Offset {
				span.End = at
			}
			if holds(span, m.Span.Start) {
				dmg.decls = append(dmg.decls, span)
				end := len(text)
				if i+1 < len(file.Decls) {
					end = file.Decls[i+1].Span().Start.Offset
				}
				dmg.hold(text[span.Start.Offset:end])
				known = known || namesAll(d)
			}
		}
		dmg.lost = dmg.lost || !known
	}
}

// hold takes the words of a declaration: what is not known elsewhere may be what
// was not read of it.
func (dmg *damage) hold(text string) {
	if dmg.words == nil {
		dmg.words = map[string]bool{}
	}
	for _, word := range strings.FieldsFunc(text, noWord) {
		dmg.words[word] = true
	}
}

// noWord reports whether c stands in no name and no uid.
func noWord(c rune) bool { return c != '_' && c != '-' && !unicode.IsLetter(c) && !unicode.IsDigit(c) }

// named reports whether the first name that a message quotes stands in a
// declaration that could not be read whole; of a state, its uid.
func (dmg *damage) named(message string) bool {
	_, rest, _ := strings.Cut(message, `"`)
	name, _, quoted := strings.Cut(rest, `"`)
	parts := strings.FieldsFunc(name, noWord)
	return quoted && len(parts) > 0 && dmg.words[parts[0]]
}

// explains reports whether d may follow from the damage: if it is about a
// declaration that could not be read whole, or about a name whose declaration
// may be one that could not be read at all. Warnings can wait.
func (dmg *damage) explains(d diag.Diagnostic) bool {
	switch {
	case !dmg.any:
		return false
	case d.Severity == diag.Warning || dmg.in(d.Span.Start):
		return true
	}
	switch d.Code {
	case typecheck.UnknownName, typecheck.UnknownType, typecheck.UnknownStream, typecheck.UnknownOperator:
		if dmg.lost || dmg.named(d.Message) {
			return true
		}
	case typecheck.UnknownField, typecheck.UnknownArgument:
		if dmg.named(d.Message) {
			return true
		}
	case typecheck.UnknownOutput:
		return true
	}
	return slices.ContainsFunc(d.Notes, func(n diag.Note) bool { return dmg.in(n.Span.Start) })
}

// namesAll reports whether the names that d gives to the rest of the program are
// known, whatever is wrong in it.
func namesAll(d lang.Decl) bool {
	switch d.(type) {
	case *lang.SinkDecl, *lang.TestDecl:
		return true
	case *lang.ImportDecl:
		return false
	}
	return typecheck.DeclaredName(d) != nil
}

// in reports whether p lies in a declaration that could not be read whole.
func (dmg *damage) in(p source.Pos) bool {
	return slices.ContainsFunc(dmg.decls, func(s source.Span) bool { return holds(s, p) })
}

// holds reports whether p lies in s or at its end.
func holds(s source.Span, p source.Pos) bool {
	return s.Start.Filename == p.Filename && s.Start.Offset <= p.Offset && p.Offset <= s.End.Offset
}
