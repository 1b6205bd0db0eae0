package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// coder writes the statements of one Go function.
//
// Expressions of Flow hold things that are statements in Go (if, match, a
// lambda's let), so an expression becomes statements that go to out, and an
// [operand] that stands for its value. Order of evaluation is kept where it can
// be told: what has been evaluated before such statements goes into a variable
// first.
type coder struct {
	g     *generator
	names *nameScope // of the function
	out   []jen.Code // the block at hand
	vars  map[*ir.Local]variable
	reads map[*ir.Local]int // how often each local is read

	fault  *jen.Statement // the *value.Fault, nil where nothing can fail
	params *jen.Statement // the *params, nil where none is in reach
	ctx    *jen.Statement // the context of a call outside of the shard, nil elsewhere
	bail   func() []jen.Code
	result types.Type // what the function returns; nil if nothing
	// leave is what ends a handler: return and drop.
	leave func() []jen.Code

	op   *stepCode // the operator whose handler or helper it is, or nil
	here scope     // names of what a handler has at hand
	// helper says that it is a helper, which tells its caller when it drops.
	helper bool
	// armsLater says that the statement at hand leaves the timers of the entry that it
	// writes to the next one, which writes it again.
	armsLater bool

	loops    []*loop
	declared []declared
}

// scope names what a handler or helper of an operator has at hand. A nil entry
// is not there.
type scope struct {
	cell *jen.Statement // pointer to the key's cell
	id   *jen.Statement
	key  *jen.Statement
	meta *jen.Statement // rt.Meta of the cause
}

// variable is where a local lives.
type variable struct {
	code    *jen.Statement
	pointer bool      // it is a pointer to the value
	alias   ir.Expr   // what the local is another name for, if code is nil
	group   *ir.State // whose entry it is, where the local stands for the entry's view
}

// loop is a loop of Go around the statement at hand.
type loop struct {
	label    string // "" if nothing jumps to it by its label
	switches int    // switch statements between the loop and the statement
}

// receiver is the name of every method's receiver.
const receiver = "s"

// self selects a member of the receiver.
func self(name string) *jen.Statement { return jen.Id(receiver).Dot(name) }

// newCoder returns a coder for a function whose own names are taken.
func (g *generator) newCoder(taken ...string) *coder {
	return &coder{g: g, names: newNames(g.names, append(taken, receiver)...), vars: map[*ir.Local]variable{}, reads: map[*ir.Local]int{}}
}

// countReads notes which locals a body reads, as Go refuses variables that are
// never used.
func (c *coder) countReads(n ir.Node) bool {
	switch n := n.(type) {
	case *ir.LocalRef:
		c.reads[n.Local]++
	}
	return true
}

// add appends statements to the block at hand.
func (c *coder) add(code ...jen.Code) { c.out = append(c.out, code...) }

// block returns what write adds, as a block of its own.
func (c *coder) block(write func()) []jen.Code {
	outer := c.out
	c.out = nil
	write()
	inner := c.out
	c.out = outer
	return inner
}

// variable declares a variable without a value.
func (c *coder) variable(want string, t types.Type) *jen.Statement {
	name := c.names.pick(want)
	c.declareVar(name, jen.Var().Id(name).Add(c.g.goType(t)))
	return jen.Id(name)
}

// temp puts an operand into a new variable.
func (c *coder) temp(name string, v operand) operand {
	name = c.names.pick(name)
	c.declareVar(name, c.declare(name, v))
	return operand{code: jen.Id(name), prec: precPrimary, t: v.t, stable: true, addressable: true}
}

// declare writes name := v, with the type where the literal would get another.
func (c *coder) declare(name string, v operand) jen.Code {
	return jen.Id(name).Op(":=").Add(v.typed(c.g))
}

// checkFault leaves the function if something has failed.
func (c *coder) checkFault() {
	c.add(statement{Code: jen.If(c.fault.Clone().Dot("Failed").Call()).Block(c.bail()...), isIf: true})
}

// checkAfter leaves the function if e, which has just been evaluated, failed.
func (c *coder) checkAfter(list ...ir.Expr) {
	for _, e := range list {
		if c.g.graph.Effects.CanFail(e) {
			c.checkFault()
			return
		}
	}
}
