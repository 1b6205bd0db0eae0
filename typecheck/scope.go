package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// scope is a region of text with the names that it adds to those around it.
type scope struct {
	parent *scope
	mod    *module // the file that the text stands in
	names  map[string]*binding
	order  []*binding
	types  map[string]types.Type // type parameters and aliases
}

// child returns a scope inside s. A scope that declares nothing is left out of
// the chain, for a chain of "else if" is as long as its author likes.
func (s *scope) child() *scope {
	parent := s
	if s.parent != nil && s.parent.mod == s.mod && len(s.names) == 0 && len(s.types) == 0 {
		parent = s.parent
	}
	return &scope{parent: parent, mod: s.mod}
}

// bindingKind tells apart what a local name stands for.
type bindingKind int

const (
	constLocal bindingKind = iota // let, a record, a pattern's name, a function's parameter
	varLocal                      // var
	operatorParam
	aliasOf // a fragment's or lambda's parameter that stands for an expression
	lambdaParam
	stateName
	timerName
	helperName
	streamParam
	aggregateParam
	addedRecord // of an aggregate, outside of its aggregate functions
	otherAggregate
	rangeParam
	equalityParam
	functionList
)

// binding is a local name.
type binding struct {
	kind    bindingKind
	name    string
	span    source.Span
	what    string // in a user's words: "a parameter"
	used    bool
	read    bool // its value is asked for when the job runs
	quiet   bool // never reported as unused
	local   *ir.Local
	alias   ir.Expr
	konst   *constant // of a parameter that is known at compile time
	known   *constant // what this step gives for one that need not be, for its requirements
	closure *closure
	state   *ir.State
	timer   *ir.Timer
	helper  *helper
	stream  *wired // of a fragment's parameter

	aggregate *ir.Aggregate       // of a parameter that is one
	bounds    [2]*binding         // of a parameter that is a range: its .from and .to
	sides     map[string]*closure // of a condition of a join: its left and right key
	list      []*closure          // of a parameter that is a list of functions
}

// closure is a lambda, or the name of a function, given for a parameter. It is
// checked in the scope where it was written, each time it is called.
type closure struct {
	lambda *lang.LambdaExpr // exactly one of lambda and fn is set
	fn     *entry
	span   source.Span
	scope  *scope
	frame  *frame
	async  bool // it may call async functions, and is waited for
	params []types.Type
	result types.Type // nil until it is known
}

// find returns the innermost binding of name, or nil.
func (s *scope) find(name string) *binding {
	for ; s != nil; s = s.parent {
		if b := s.names[name]; b != nil {
			return b
		}
	}
	return nil
}

// findType returns the type parameter or alias called name, or nil.
func (s *scope) findType(name string) types.Type {
	for ; s != nil; s = s.parent {
		if t := s.types[name]; t != nil {
			return t
		}
	}
	return nil
}

// visible names every local binding in reach that keep wants.
func (s *scope) visible(keep func(*binding) bool) []string {
	var names []string
	for ; s != nil; s = s.parent {
		for _, b := range s.order {
			if keep(b) {
				names = append(names, b.name)
			}
		}
	}
	return names
}

// bind adds b to s. A later binding of the same scope hides an earlier one;
// whether it may is decided by the caller.
func (s *scope) bind(b *binding) *binding {
	if s.names == nil {
		s.names = map[string]*binding{}
	}
	s.names[b.name] = b
	s.order = append(s.order, b)
	s.mod.bindings = append(s.mod.bindings, b)
	return b
}

func (s *scope) bindType(name string, t types.Type) {
	if s.types == nil {
		s.types = map[string]types.Type{}
	}
	s.types[name] = t
}

// frameKind tells what code is being checked, which decides what it may do.
type frameKind int

const (
	pureCode    frameKind = iota // a function, a lambda of a step, a default
	keyCode                      // the key of an input
	helperCode                   // a function inside an operator
	handlerCode                  // on r { … }, on idle { … }
)

// frame is the function, handler or lambda that is being checked.
type frame struct {
	kind    frameKind
	what    string // in a user's words: "a function"
	op      *operatorCheck
	in      *ir.In    // of a handler of an input
	timer   *ir.Timer // of a handler of a timer
	result  types.Type
	from    *ir.Func // the function whose calls are noted, for recursion
	loops   int
	lambda  bool            // of a lambda, which gives a value and does nothing else
	async   bool            // of a lambda that may call async functions
	agg     *aggregateCheck // of an aggregate's expression, nil elsewhere
	bare    bool            // of an aggregate that gives the record no name
	instead ir.Expr         // what fail gives in the result of an aggregate, nil elsewhere

	required bool // of a requirement
}

// coder checks the code of one frame in one scope.
type coder struct {
	*checker
	frame *frame
	scope *scope
}

// inner is k in a new scope inside its own.
func (k *coder) inner() *coder {
	return &coder{k.checker, k.frame, k.scope.child()}
}

// loop is k inside the body of a loop.
func (k *coder) loop() *coder {
	f := *k.frame
	f.loops++
	return &coder{k.checker, &f, k.scope.child()}
}

// local declares a name and returns it.
func (k *coder) local(name *lang.Ident, t types.Type, kind bindingKind, what string) *ir.Local {
	l := &ir.Local{Name: name.Text, Type: t, Var: kind == varLocal, Pos: name.Pos}
	if name.Text == "_" {
		return l
	}
	if name.Text == "key" && k.frame.hasKeyWord() {
		k.add(mistake(ReservedName, name.Span(), "no local may be called %q here: it is the current key", "key").
			help("use another name, such as %q", "the_key"))
		l.Type = invalidType // nothing more is said of it
	}
	quiet := what == "a loop's name" || what == "a pattern's name" || what == "an input's record"
	k.scope.bind(&binding{kind: kind, name: name.Text, span: name.Span(), what: what, quiet: quiet, local: l})
	return l
}

// hasKeyWord reports whether "key" stands for the current key in f.
func (f *frame) hasKeyWord() bool {
	return f.op != nil && (f.kind == handlerCode || f.kind == helperCode)
}
