package gen

import (
	"fmt"

	"github.com/flow-lang/flowc/typecheck/types"
)

// variable is something that can be read: a name, or a field of one.
type variable struct {
	text string
	t    types.Type // what it reads as
	set  types.Type // what it can be set to; nil if it cannot
}

// scope is what code at one place can see and do.
type scope struct {
	vars    []variable
	loops   int  // how many loops it stands in
	depth   int  // of blocks
	budget  *int // of statements and expressions, for the whole body
	pure    bool // a function: nothing but values
	op      *operator
	timer   bool       // a timer's handler
	helper  bool       // a function of the operator
	result  types.Type // of a function
	calls   int        // how many of g.funcs can be called
	noTimes bool       // time and watermark mean nothing here
	lambda  bool
}

// inner is the scope of a block inside s.
func (s *scope) inner() *scope {
	n := *s
	n.vars = append([]variable(nil), s.vars...)
	n.depth++
	return &n
}

// add makes a name known, with the fields inside it.
func (s *scope) add(text string, t types.Type) *scope {
	s.addDeep(text, t, 2)
	return s
}

func (s *scope) addDeep(text string, t types.Type, depth int) {
	s.vars = append(s.vars, variable{text: text, t: t})
	if r, ok := t.(*types.Record); ok && depth > 0 {
		for _, f := range r.Fields {
			s.addDeep(text+"."+f.Name, f.Type, depth-1)
		}
	}
}

func (s *scope) addVar(name string, t types.Type) *scope {
	s.vars = append(s.vars, variable{name, t, t})
	return s
}

// of lists what can be read as a t.
func (s *scope) of(t types.Type) []variable {
	var out []variable
	for _, v := range s.vars {
		if types.Identical(v.t, t) {
			out = append(out, v)
		}
	}
	return out
}

// where lists what can be read and fits.
func (s *scope) where(fits func(variable) bool) []variable {
	var out []variable
	for _, v := range s.vars {
		if fits(v) {
			out = append(out, v)
		}
	}
	return out
}

// budgeted reports whether more may be written, and takes one off.
func (s *scope) budgeted() bool {
	*s.budget--
	return *s.budget > 0
}

// budget is how much a body may have that has n in a large program.
func (g *generator) budget(n int) *int {
	n = max(4, n*[...]int{tiny: 2, small: 3, medium: 6, large: 10}[g.size]/10)
	return &n
}

// leaf is a short expression of type t.
func (g *generator) leaf(s *scope, t types.Type) string {
	if s.op != nil && len(s.op.collections) > 0 && g.chance(1, 3) {
		if text := g.readCollection(s, t); text != "" {
			return text
		}
	}
	if vars := s.of(t); len(vars) > 0 && g.chance(5, 6) {
		return one(g, vars...).text
	}
	if types.Is(t, types.Timestamp) && s.op != nil && !s.noTimes && g.chance(1, 2) {
		return one(g, "time", "watermark", "time")
	}
	if b, ok := t.(*types.Basic); ok && b.Kind != types.JSON && b.Kind != types.Bytes && b.Kind != types.Int32 && b.Kind != types.Float32 && g.chance(1, 40) {
		g.params++
		return fmt.Sprintf("param(\"p%d\", %s)", g.params, g.rawLiteral(t))
	}
	return g.literal(t)
}
