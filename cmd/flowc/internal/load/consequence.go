package load

import (
	"slices"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck"
)

// A damage is what mistakes in the grammar leave unknown of a program. The
// checker sees less than its author wrote, and what it misses for that reason
// is no second mistake.
type damage struct {
	any   bool          // there is a mistake in the grammar
	lost  bool          // there is one that may have hidden a name
	decls []source.Span // the declarations that hold one
}

// note takes the mistakes in the grammar of file.
func (dmg *damage) note(file *lang.File, mistakes []diag.Diagnostic) {
	for _, m := range mistakes {
		if m.Severity != diag.Error {
			continue
		}
		dmg.any = true
		known := false
		for _, d := range file.Decls {
			// Reading stops at a mistake, so the declaration may end before it.
			span := d.Span()
			if at := m.Span.Start; at.Line == span.End.Line && at.Offset > span.End.Offset {
				span.End = at
			}
			if holds(span, m.Span.Start) {
				dmg.decls = append(dmg.decls, span)
				known = known || namesAll(d)
			}
		}
		dmg.lost = dmg.lost || !known
	}
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
		if dmg.lost {
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
