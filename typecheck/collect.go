package typecheck

import (
	"sort"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// collector gathers what the program's sources, steps and sinks use.
type collector struct {
	prog  *ir.Program
	types map[types.Type]bool
	funcs map[*ir.Func]bool
	files map[string]int  // order of files
	lib   map[string]bool // files of the library whose functions and aggregates are used
}

// collect fills the program's lists of types, functions and parameters.
func (c *checker) collect() {
	c.markRecursive()
	g := &collector{c.prog, map[types.Type]bool{}, map[*ir.Func]bool{}, map[string]int{}, map[string]bool{}}
	for i, f := range c.prog.Files {
		g.files[f] = i
	}
	for _, s := range c.prog.Sources {
		g.typ(s.Out.Elem)
		if s.EventTime != nil {
			g.lambda(s.EventTime)
		}
		g.connector(s.Connector)
		g.policy(s.OnMalformed)
		g.policy(s.OnError)
	}
	for _, s := range c.prog.Steps {
		g.operator(s.Op)
		g.policy(s.OnError)
		if s.Rekey != nil {
			g.function(s.Rekey.Func)
			g.function(s.Rekey.Merge)
		}
	}
	for _, s := range c.prog.Sinks {
		g.typ(s.In.Elem)
		g.connector(s.Connector)
		g.policy(s.OnError)
	}
	if c.files.Tests {
		for _, t := range c.prog.Tests {
			g.test(t)
		}
	}
	c.libraryFiles(g.lib)
	for _, key := range sortedKeys(c.params) {
		c.prog.Params = append(c.prog.Params, c.params[key])
	}
	g.sort()
}

// libraryFiles adds the files of the standard library whose operators are used, and
// those of other things in it, so that an error inside one can name its place.
func (c *checker) libraryFiles(others map[string]bool) {
	c.prog.Own = len(c.prog.Files)
	known := map[string]bool{"": true}
	for _, name := range c.prog.Files {
		known[name] = true
	}
	add := func(name string) {
		if !known[name] {
			known[name] = true
			c.prog.Files = append(c.prog.Files, name)
		}
	}
	for _, s := range c.prog.Steps {
		add(s.Op.Library)
	}
	for _, name := range sortedKeys(others) {
		add(name)
	}
}

func (g *collector) test(t *ir.Test) {
	for _, s := range t.Steps {
		for _, e := range ir.TestExprs(s) {
			g.expr(e)
		}
	}
}

func (g *collector) policy(p ir.Policy) {
	if p.To != nil {
		g.typ(p.To.Elem)
	}
}

func (g *collector) connector(c *ir.Connector) {
	if c == nil {
		return
	}
	for _, name := range sortedKeys(c.Args) {
		g.expr(c.Args[name])
	}
}

func (g *collector) operator(op *ir.Operator) {
	for _, p := range op.Params {
		g.typ(p.Local.Type)
		g.expr(p.Value)
	}
	for _, in := range op.Ins {
		g.typ(in.Elem)
		if in.Key != nil {
			g.lambda(in.Key)
		}
	}
	for _, out := range op.Outs {
		g.typ(out.Elem)
	}
	for _, s := range op.States {
		g.state(s)
	}
	for _, t := range op.Timers {
		g.typ(t.IndexType)
		g.expr(t.At)
	}
	for _, h := range op.Handlers {
		g.stmts(h.Body)
	}
	if op.Remote != nil {
		for _, e := range op.Remote.Exprs() {
			g.expr(e)
		}
	}
	if op.Calls != nil && op.Calls.Key != nil {
		g.lambda(op.Calls.Key)
	}
	for _, f := range op.Helpers {
		g.signature(f)
		g.stmts(f.Body)
	}
}

func (g *collector) state(s *ir.State) {
	g.typ(s.Elem)
	g.typ(s.MapKey)
	g.typ(s.Value)
	g.expr(s.Init)
	if s.TTL != nil {
		g.expr(s.TTL.For)
	}
	if s.Migrate != nil {
		g.function(s.Migrate.Func)
	}
	g.aggregate(s.Agg)
	if s.Group == nil {
		return
	}
	for _, p := range s.Group.Parts {
		g.typ(p.Elem)
		g.expr(p.Init)
		g.aggregate(p.Agg)
	}
}

func (g *collector) aggregate(a *ir.Aggregate) {
	if a == nil {
		return
	}
	g.typ(a.In)
	g.expr(a.Result)
	for _, p := range a.Parts {
		g.lib[p.Func.Pos.Filename] = true
		for _, arg := range p.Args {
			g.expr(arg)
		}
		for _, s := range p.Func.States {
			g.state(s)
		}
		g.stmts(p.Func.Add)
		g.stmts(p.Func.Merge)
		g.expr(p.Func.Result)
	}
}

func (g *collector) lambda(l *ir.Lambda) {
	for _, p := range l.Params {
		g.typ(p.Type)
	}
	g.expr(l.Body)
}

func (g *collector) signature(f *ir.Func) {
	for _, p := range f.Params {
		g.typ(p.Type)
	}
	g.typ(f.Result)
}

func (g *collector) expr(e ir.Expr) {
	if e != nil {
		ir.Inspect(e, g.visit)
	}
}

func (g *collector) stmts(list []ir.Stmt) { ir.InspectAll(list, g.visit) }

func (g *collector) visit(n ir.Node) bool {
	e, ok := n.(ir.Expr)
	if !ok {
		return true
	}
	g.typ(e.Type())
	if call, ok := e.(*ir.Call); ok && call.Func.Op == nil {
		g.function(call.Func)
	}
	return true
}

// function notes a pure function that is used, once; nil is none.
func (g *collector) function(f *ir.Func) {
	if f == nil || g.funcs[f] {
		return
	}
	g.funcs[f] = true
	g.lib[f.Pos.Filename] = true
	g.prog.Funcs = append(g.prog.Funcs, f)
	g.signature(f)
	g.stmts(f.Body)
}

// typ notes a type and those inside it.
func (g *collector) typ(t types.Type) {
	switch t := t.(type) {
	case *types.Record:
		if !g.types[t] {
			g.types[t] = true
			g.parts(t)
			g.prog.Records = append(g.prog.Records, t)
		}
	case *types.Enum:
		if !g.types[t] {
			g.types[t] = true
			g.prog.Enums = append(g.prog.Enums, t)
		}
	case *types.Union:
		if !g.types[t] {
			g.types[t] = true
			g.parts(t)
			g.prog.Unions = append(g.prog.Unions, t)
		}
	default:
		g.parts(t)
	}
}

// parts notes the types inside one.
func (g *collector) parts(t types.Type) {
	for _, part := range types.Parts(t) {
		g.typ(part)
	}
}

// sort puts everything into source order.
func (g *collector) sort() {
	before := func(a, b place) bool {
		if a.file != b.file {
			return a.file < b.file
		}
		if a.offset != b.offset {
			return a.offset < b.offset
		}
		return a.name < b.name
	}
	p := g.prog
	sort.SliceStable(p.Records, func(i, j int) bool { return before(g.record(p.Records[i]), g.record(p.Records[j])) })
	sort.SliceStable(p.Enums, func(i, j int) bool {
		a, b := p.Enums[i], p.Enums[j]
		return before(g.place(a.Origin.Start.Filename, a.Origin.Start.Offset, a.Name), g.place(b.Origin.Start.Filename, b.Origin.Start.Offset, b.Name))
	})
	sort.SliceStable(p.Unions, func(i, j int) bool {
		a, b := p.Unions[i], p.Unions[j]
		return before(g.place(a.Origin.Start.Filename, a.Origin.Start.Offset, a.Name), g.place(b.Origin.Start.Filename, b.Origin.Start.Offset, b.Name))
	})
	sort.SliceStable(p.Funcs, func(i, j int) bool {
		a, b := p.Funcs[i], p.Funcs[j]
		return before(g.place(a.Pos.Filename, a.Pos.Offset, a.Name), g.place(b.Pos.Filename, b.Pos.Offset, b.Name))
	})
}

// place orders declarations: by file, the pipeline's first and the library's
// last, then by offset.
type place struct {
	file, offset int
	name         string
}

func (g *collector) record(r *types.Record) place {
	return g.place(r.Origin.Start.Filename, r.Origin.Start.Offset, r.String())
}

func (g *collector) place(file string, offset int, name string) place {
	i, ok := g.files[file]
	if !ok {
		i = len(g.files)
	}
	return place{i, offset, name}
}
