package codegen

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
	"github.com/flow-lang/flowc/typecheck/types"
)

// nameTasks gives names to lanes, steps, edges and sinks, in this order.
func (g *generator) nameTasks() {
	for _, s := range g.graph.Sources {
		g.nameLane(s)
	}
	for _, s := range g.graph.Steps {
		g.nameStep(s)
	}
	for _, e := range g.graph.Edges() {
		g.nameEdge(e)
	}
	for _, s := range g.graph.Sinks {
		g.nameSink(s)
	}
}

// paramCode is the struct with the parameters given at start.
type paramCode struct {
	fields map[*ir.Param]string
}

// field returns the field of a parameter.
func (p *paramCode) field(param *ir.Param) string { return p.fields[param] }

func (g *generator) nameParams() {
	g.params = &paramCode{fields: map[*ir.Param]string{}}
	scope := newNames(nil)
	for _, p := range g.program.Params {
		g.params.fields[p] = scope.pick(unexported(p.Name))
	}
}

// writePipeline declares Pipeline and the function that wires the graph.
func (g *generator) writePipeline() {
	wire := g.wireDecl()
	spec := []jen.Code{
		jen.Id("Name").Op(":").Lit(g.program.Name),
		jen.Id("Doc").Op(":").Lit(strings.Join(g.program.Doc, "\n")),
		jen.Id("Files").Op(":").Index().String().Add(g.fileList()),
		jen.Id("Own").Op(":").Lit(g.program.Own),
	}
	if g.hash != "" {
		spec = append(spec, jen.Id("Hash").Op(":").Lit(g.hash))
	}
	if g.flowc != "" {
		spec = append(spec, jen.Id("Flowc").Op(":").Lit(g.flowc))
	}
	if g.lock != "" {
		spec = append(spec, jen.Id("Lock").Op(":").Lit(g.lock))
	}
	spec = append(spec,
		jen.Id("Params").Op(":").Index().Qual(rtPath, "Param").Add(g.paramList()),
		jen.Id("Job").Op(":").Id("describe").Call(),
		jen.Id("Wire").Op(":").Id("wirePipeline"),
	)
	if hooks := g.hooks(); hooks != nil {
		spec = append(spec, jen.Id("Hooks").Op(":").Add(hooks))
	}
	g.pipeline.add(
		jen.Const().Id("_").Op("=").Qual(rtPath, "Version1").Comment("this code wants the first version of the runtime's interface"),
		comment("Pipeline describes the program to the runtime.").
			Func().Id("Pipeline").Params().Qual(rtPath, "Spec").Block(jen.Return(jen.Qual(rtPath, "Spec").Add(multiLine(spec...)))),
	)
	g.writeParams()
	g.pipeline.add(wire, g.describeDecl())
}

// multiLine writes the braces of a literal with one element a line.
func multiLine(values ...jen.Code) jen.Code {
	return jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, values...)
}

func (g *generator) fileList() jen.Code {
	var list []jen.Code
	for _, f := range g.program.Files {
		list = append(list, jen.Lit(f))
	}
	return jen.Values(list...)
}

// paramList lists the parameters with their types and defaults.
func (g *generator) paramList() jen.Code {
	var list []jen.Code
	for _, p := range g.program.Params {
		fields := []jen.Code{
			jen.Id("Name").Op(":").Lit(p.Name),
			jen.Id("Type").Op(":").Qual(rtPath, paramWord(p.Type)+"Param"),
		}
		switch t := p.Type.(type) {
		case *types.Decimal:
			fields = append(fields, jen.Id("Precision").Op(":").Lit(t.Precision), jen.Id("Scale").Op(":").Lit(t.Scale))
		case *types.Enum:
			var symbols []jen.Code
			for _, s := range t.Symbols {
				symbols = append(symbols, jen.Lit(s.Name))
			}
			fields = append(fields, jen.Id("Symbols").Op(":").Index().String().Values(symbols...))
		}
		if p.Default != nil {
			fields = append(fields, jen.Id("Default").Op(":").Lit(plan.ConstText(p.Default)))
		} else {
			fields = append(fields, jen.Id("Required").Op(":").True())
		}
		if p.Env {
			fields = append(fields, jen.Id("Env").Op(":").True())
		}
		list = append(list, jen.Values(fields...))
	}
	if len(list) == 0 {
		return jen.Values()
	}
	return multiLine(list...)
}

// paramWord is the word for the type of a parameter in names of rt.
func paramWord(t types.Type) string {
	switch t := t.(type) {
	case *types.Decimal:
		return "Decimal"
	case *types.Enum:
		return "Enum"
	default:
		return exported(t.String())
	}
}

// writeParams declares the struct with the values that parameters were given.
func (g *generator) writeParams() {
	if len(g.program.Params) == 0 {
		return
	}
	var fields []jen.Code
	for _, p := range g.program.Params {
		fields = append(fields, jen.Id(g.params.field(p)).Add(g.goType(p.Type)).Comment(safeName(p.Name)))
	}
	g.pipeline.add(comment("params are the values that the program was given at start.").Type().Id("params").Struct(fields...))
}

// wiring writes the function that makes one task, or the whole graph.
type wiring struct {
	g     *generator
	task  *plan.Task
	names *nameScope
	vars  map[any]string // variables with what several refer to
	count map[any]int    // how many fields lead to an instance
	graph *graphNames
	body  []jen.Code

	cells, journal, due, clock string // variables of a keyed step; "" if there is none
}

// graphNames are the variables of wirePipeline.
type graphNames struct {
	sinks  map[*plan.Sink]string
	stages map[*plan.Step]string
	edges  map[*edgeCode]string

	used     map[string]bool // variables that tasks refer to
	declared []func()        // writes each declaration, once it is known what is used
}

// wireDecl writes wirePipeline: sinks, stages, and sources, each after what it
// feeds.
func (g *generator) wireDecl() jen.Code {
	scope := newNames(g.names, "g", "t", "p")
	names := &graphNames{map[*plan.Sink]string{}, map[*plan.Step]string{}, map[*edgeCode]string{}, map[string]bool{}, nil}
	var body []jen.Code
	values := jen.Null()
	body = append(body, values)
	for _, s := range g.graph.Sinks {
		names.sinks[s] = scope.pick(unexported(s.IR.Name))
		body = append(body, names.declare(names.sinks[s], jen.Id("g").Dot("Sink").Call(g.sinkSpec(s))))
	}
	body = append(body, g.messageEdges(names, scope)...)
	for i := len(g.graph.Steps) - 1; i >= 0; i-- {
		if s := g.graph.Steps[i]; s.Keyed() {
			body = append(body, g.wireStage(s, names, scope)...)
		}
	}
	for _, s := range g.graph.Sources {
		body = append(body, jen.Qual(rtPath, "AddSource").Call(jen.Id("g"), g.sourceSpec(s), g.makeTask(s.Task, g.lanes[s].node, names)))
	}
	for _, write := range names.declared {
		write()
	}
	if g.wiresParams {
		values.Add(g.paramValues("g"))
	}
	return comment("wirePipeline connects sinks, stages and sources, the last first.").
		Func().Id("wirePipeline").Params(jen.Id("g").Op("*").Qual(rtPath, "Graph")).Block(body...)
}

// declare declares a variable that tasks may refer to. Where none does, as a
// stream of failed records may have none that fail, there is no variable.
func (n *graphNames) declare(name string, value *jen.Statement) jen.Code {
	declaration := jen.Null()
	n.declared = append(n.declared, func() {
		if n.used[name] {
			declaration.Id(name).Op(":=")
		}
		declaration.Add(value)
	})
	return declaration
}

// assign is declare for a variable that tasks before it may refer to.
func (n *graphNames) assign(name string, value *jen.Statement) jen.Code {
	assignment := jen.Null()
	n.declared = append(n.declared, func() {
		if n.used[name] {
			assignment.Id(name).Op("=")
		}
		assignment.Add(value)
	})
	return assignment
}

// use refers to a variable of wirePipeline.
func (n *graphNames) use(name string) *jen.Statement {
	n.used[name] = true
	return jen.Id(name)
}

// paramValues reads the parameters that the variable of has.
func (g *generator) paramValues(of string) jen.Code {
	var fields []jen.Code
	for _, p := range g.program.Params {
		get := jen.Id(of).Dot("Params").Call().Dot(paramWord(p.Type)).Call(jen.Lit(p.Name))
		if _, enum := p.Type.(*types.Enum); enum {
			get = g.goType(p.Type).Call(get)
		}
		fields = append(fields, jen.Id(g.params.field(p)).Op(":").Add(get))
	}
	return jen.Id("p").Op(":=").Op("&").Id("params").Add(multiLine(fields...))
}

// wireStage adds a keyed step and its edges.
func (g *generator) wireStage(s *plan.Step, names *graphNames, scope *nameScope) []jen.Code {
	n := g.steps[s]
	stage := scope.pick(n.name + "Stage")
	names.stages[s] = stage
	spec := jen.Qual(rtPath, "StageSpec").Values(
		jen.Id("UID").Op(":").Lit(s.IR.UID), jen.Id("Name").Op(":").Lit(n.title()), jen.Id("Pos").Op(":").Add(g.position(s.IR.Pos)))
	code := []jen.Code{jen.Id(stage).Op(":=").Qual(rtPath, "NewStage").Call(jen.Id("g"), spec, g.makeTask(s.Task, n.node, names))}
	for i, in := range n.op.Ins {
		e := n.edge(i)
		handle := jen.Parens(jen.Op("*").Id(n.name)).Dot(n.inputs[i])
		connect := jen.Qual(rtPath, connects[in.Kind]).Call(jen.Id(stage), jen.Lit(in.Name), handle, g.ownFunc(e))
		if e.message() {
			code = append(code, names.assign(names.edges[e], connect))
			continue
		}
		names.edges[e] = scope.pick(e.want)
		code = append(code, names.declare(names.edges[e], connect))
	}
	return code
}

// connects are the functions that add an input of a kind.
var connects = map[ir.InKind]string{
	ir.Keyed: "Connect", ir.Plain: "Connect", ir.Broadcast: "ConnectBroadcast", ir.Message: "ConnectMessages",
}

// makeTask writes the function that makes a task with all that is fused to it.
func (g *generator) makeTask(t *plan.Task, n *node, names *graphNames) jen.Code {
	w := &wiring{
		g: g, task: t, graph: names, names: newNames(g.names, "g", "t", "p", "s"),
		vars: map[any]string{}, count: map[any]int{},
	}
	w.countLinks(n, map[*node]bool{})
	if step := t.Step; step != nil {
		g.steps[step].wireState(w)
	}
	made := w.literal(n)
	if step := t.Step; step != nil && step.IR.Op.Remote != nil {
		w.body = append(w.body, jen.Id("s").Op(":=").Add(made), g.steps[step].remoteSpec(w))
		made = jen.Id("s")
	}
	return jen.Func().Params(jen.Id("t").Op("*").Qual(rtPath, "Task")).Op("*").Id(n.name).
		Block(append(w.body, jen.Return(made))...)
}

// countLinks counts how many fields lead to each instance.
func (w *wiring) countLinks(n *node, seen map[*node]bool) {
	if seen[n] {
		return
	}
	seen[n] = true
	for _, l := range n.links {
		w.count[l.target]++
		w.countLinks(w.node(l.target), seen)
	}
}

// node returns the Go type of a target; an edge with a plain key has none of
// its own.
func (w *wiring) node(target any) *node {
	switch t := target.(type) {
	case *plan.Step:
		return w.g.steps[t].node
	case *plan.Sink:
		return w.g.sinks[t].node
	case *plan.Edge:
		if e := w.g.edges[t]; e.node != nil {
			return e.node
		}
		return &node{}
	default:
		panic(fmt.Sprintf("codegen: no such target %T", target))
	}
}

// literal writes a new instance of n.
func (w *wiring) literal(n *node) *jen.Statement {
	fields := make([]jen.Code, 0, len(n.inits))
	for _, init := range n.allInits() {
		name, value := init(w)
		fields = append(fields, jen.Id(name).Op(":").Add(value))
	}
	if len(fields) < 2 {
		return jen.Op("&").Id(n.name).Values(fields...)
	}
	return jen.Op("&").Id(n.name).Add(multiLine(fields...))
}

// instance writes what a field that leads to target holds. What several lead to
// is made once.
func (w *wiring) instance(target any) jen.Code {
	if name, ok := w.vars[target]; ok {
		return jen.Id(name)
	}
	made := w.make(target)
	if w.count[target] < 2 {
		return made
	}
	name := w.names.pick("shared")
	w.vars[target] = name
	w.body = append(w.body, jen.Id(name).Op(":=").Add(made))
	return jen.Id(name)
}

func (w *wiring) make(target any) *jen.Statement {
	if e, ok := target.(*plan.Edge); ok && w.g.edges[e].node == nil {
		return jen.Add(w.sender(w.g.edges[e]))
	}
	return w.literal(w.node(target))
}

// sender writes what a task sends to an edge with.
func (w *wiring) sender(e *edgeCode) jen.Code {
	return w.graph.use(w.graph.edges[e]).Dot("From").Call(jen.Id("t"))
}

// rows writes what a task writes to a sink with.
func (w *wiring) rows(s *plan.Sink) jen.Code {
	return w.graph.use(w.graph.sinks[s]).Dot("From").Call(jen.Id("t"))
}

// constant writes the argument of an operator's parameter.
func (w *wiring) constant(p *ir.OpParam) jen.Code { return w.expr(p.Value) }

// expr writes an expression that reads no record, but may read the operator's
// parameters.
func (w *wiring) expr(e ir.Expr, params ...*ir.OpParam) jen.Code {
	c := w.g.newCoder("t", "g", "p")
	reads := w.g.graph.Effects.ExprReadsParams(e)
	for _, p := range params {
		c.vars[p.Local] = variable{alias: p.Value}
		reads = reads || w.g.graph.Effects.ExprReadsParams(p.Value)
	}
	if reads {
		c.params = jen.Id("p")
		w.g.wiresParams = true
	}
	ir.Inspect(e, c.countReads)
	if w.g.graph.Effects.CanFail(e) {
		c.fault = jen.Id("t").Dot("Fault").Call()
	}
	v := c.expr(e)
	if len(c.out) == 0 {
		return v.value()
	}
	c.add(jen.Return(v.value()))
	return jen.Func().Params().Add(w.g.goType(e.Type())).Block(c.body()...).Call()
}

func (g *generator) sinkSpec(s *plan.Sink) jen.Code {
	return jen.Qual(rtPath, "SinkSpec").Add(multiLine(
		jen.Id("UID").Op(":").Lit(s.IR.UID),
		jen.Id("Name").Op(":").Lit(s.IR.Name),
		jen.Id("Pos").Op(":").Add(g.position(s.IR.Pos)),
		jen.Id("Connector").Op(":").Add(g.sinkConnector(s)),
	))
}

func (g *generator) sourceSpec(s *plan.Source) jen.Code {
	duration := func(micros int64) *jen.Statement {
		return (&coder{g: g}).durationConst(&ir.IntConst{Base: ir.Base{T: types.Of(types.Duration)}, Value: micros}).code
	}
	fields := []jen.Code{
		jen.Id("UID").Op(":").Lit(s.IR.UID),
		jen.Id("Name").Op(":").Lit(s.IR.Name),
		jen.Id("Pos").Op(":").Add(g.position(s.IR.Pos)),
	}
	if s.IR.EventTime != nil {
		fields = append(fields, jen.Id("EventTime").Op(":").True())
	}
	if s.IR.Lag != 0 {
		fields = append(fields, jen.Id("Lag").Op(":").Add(duration(s.IR.Lag)))
	}
	if s.IR.Idle != 0 {
		fields = append(fields, jen.Id("Idle").Op(":").Add(duration(s.IR.Idle)))
	}
	if s.IR.OnMalformed.Action == ir.Skip {
		fields = append(fields, jen.Id("OnMalformed").Op(":").Qual(rtPath, "PolicySkip"))
	}
	if s.Serial {
		fields = append(fields, jen.Id("Serial").Op(":").True())
	}
	fields = append(fields, jen.Id("Connector").Op(":").Add(g.sourceConnector(s)))
	return jen.Qual(rtPath, "SourceSpec").Add(multiLine(fields...))
}
