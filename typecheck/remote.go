package typecheck

import (
	"regexp"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// A remote function is an operator with one keyed input and one output. Its key
// is the id of an address, so it is text:
//
//	operator greeter(key: (GreetRequest) -> string) {
//	  in  r: GreetRequest key key(r)
//	  out Greeting
//	  on r { }
//	}
//
// What happens to a record is the function's affair. Besides, it has an input for
// messages of other functions, and the state that package remote keeps for it.

// remoteOperator writes the declaration of a remote function as an operator's.
func remoteOperator(d *lang.RemoteDecl) *lang.OperatorDecl {
	at := lang.Range{Pos: d.Name.Pos, EndPos: d.Name.EndPos}
	name := func(text string) *lang.Ident { return &lang.Ident{Range: at, Text: text} }
	text := &lang.TypeExpr{Range: at, Name: &lang.Name{Range: at, Ident: name("string")}}
	key := &lang.CallExpr{Range: at, Fun: &lang.IdentExpr{Range: at, Name: "key"}, Args: []*lang.Arg{{Range: at, Value: &lang.IdentExpr{Range: at, Name: "r"}}}}
	return &lang.OperatorDecl{
		Range: d.Range, Doc: d.Doc, Name: d.Name,
		Params: []*lang.ParamDecl{{Range: at, Name: name("key"), Type: &lang.TypeExpr{Range: at, Func: &lang.FuncTypeExpr{Range: at, Params: []*lang.TypeExpr{d.In}, Result: text}}}},
		Members: []lang.Member{
			&lang.InDecl{Range: at, Name: name("r"), Type: d.In, Key: key},
			&lang.OutDecl{Range: lang.Range{Pos: d.Out.Pos, EndPos: d.Out.EndPos}, Type: d.Out},
			&lang.HandlerDecl{Range: at, Name: name("r"), Body: &lang.Block{Range: at}},
		},
	}
}

// remoteInput is the name of the input for messages of other functions.
const remoteInput = "messages"

// remote checks the settings of a remote function, and gives the operator its
// state and its input for messages.
func (o *operatorCheck) remote(d *lang.RemoteDecl) {
	r := &ir.Remote{}
	s := &remoteSettings{operatorCheck: o, decl: d, r: r, k: o.coder(&frame{kind: pureCode, what: "a setting"}), seen: map[string]*lang.RemoteSetting{}}
	for _, setting := range d.Settings {
		s.setting(setting)
	}
	for _, need := range []string{"type", "endpoint"} {
		if s.seen[need] == nil {
			o.add(mistake(WrongArguments, d.Name.Span(), "the remote function %s has no %s", d.Name.Text, need).help("%s", remoteHelp[need]))
		}
	}
	r.Values = o.remoteStates(d)
	in, out := o.op.Ins[0], o.op.Outs[0]
	for _, side := range []struct {
		t    types.Type
		e    *lang.TypeExpr
		wire *ir.Wire
	}{{in.Elem, d.In, &r.In}, {out.Elem, d.Out, &r.Out}} {
		if !isInvalid(side.t) && !shippable(side.t) {
			o.add(mistake(TypeMismatch, side.e.Span(), "a remote function cannot take or give %s", describe(side.t)).
				help(shippableHelp))
		}
		if side.wire.Protobuf && (side.e == d.In || !protobufs(side.t)) {
			o.needProtobuf(side.t, side.e)
		}
		if side.e == d.In && r.InValue && !isInvalid(side.t) && !valued(side.t) {
			o.add(mistake(TypeMismatch, side.e.Span(), "%s has no field value, of type bytes, that could be the argument", describe(side.t)).
				help("add value: bytes, or leave out the word value"))
		}
		if !side.wire.Named {
			side.wire.Type = wireType(r.Type, side.t)
		}
	}
	o.op.Remote = r
	o.op.States = o.remoteState(d)
	pos := d.Name.Pos
	o.op.Ins = append(o.op.Ins, &ir.In{Name: remoteInput, Kind: ir.Message, Pos: pos, Elem: o.coder(&frame{kind: pureCode}).anonymousRecord([]types.Field{
		{Name: "from_type", Wire: "from_type", Type: stringType}, {Name: "from_id", Wire: "from_id", Type: stringType},
		{Name: "type", Wire: "type", Type: stringType}, {Name: "has", Wire: "has", Type: boolType}, {Name: "value", Wire: "value", Type: bytesType},
	}, d.Name.Span())})
}

const shippableHelp = "write a record, a union of records, bytes, string, bool, or a number"

// shippable reports whether values of a type can be arguments or results.
func shippable(t types.Type) bool {
	switch t := t.(type) {
	case *types.Record, *types.Union:
		return holdable(t)
	case *types.Basic:
		switch t.Kind {
		case types.Bool, types.Int32, types.Int, types.Float32, types.Float, types.String, types.Bytes, types.JSON:
			return true
		}
	}
	return false
}

// needProtobuf reports a type that has no form as a protocol buffer.
func (o *operatorCheck) needProtobuf(t types.Type, e *lang.TypeExpr) {
	if !isInvalid(t) && !protobuf(t) {
		o.add(mistake(TypeMismatch, e.Span(), "%s has no form as a protocol buffer", describe(t)).
			help("write a record of bool, numbers, string, bytes, json, times, enums, records, options of these and lists of these"))
	}
}

// protobuf reports whether a record has a form as a protocol buffer.
func protobuf(t types.Type) bool {
	r, ok := t.(*types.Record)
	if !ok {
		return false
	}
	for _, f := range r.Fields {
		t := f.Type
		switch inner := t.(type) {
		case *types.Option:
			t = inner.Elem
		case *types.List:
			t = inner.Elem
		}
		switch b := t.(type) {
		case *types.Basic:
			if b.Kind == types.UUID {
				return false
			}
		case *types.Enum:
		default:
			if !protobuf(t) {
				return false
			}
		}
	}
	return true
}

// protobufs reports whether the members of a union have forms as protocol buffers.
func protobufs(t types.Type) bool {
	u, ok := t.(*types.Union)
	return ok && !slices.ContainsFunc(u.Members, func(m *types.Record) bool { return !protobuf(m) })
}

// valued reports whether a record has a field value that is bytes.
func valued(t types.Type) bool {
	r, ok := t.(*types.Record)
	return ok && slices.ContainsFunc(r.Fields, func(f types.Field) bool { return f.Name == "value" && types.Is(f.Type, types.Bytes) })
}

// wireType is the name of a type that the program does not name: that of the
// SDKs' own for single values, and the record's in the function's namespace.
func wireType(function string, t types.Type) string {
	namespace, _, _ := strings.Cut(function, "/")
	if i := strings.LastIndexByte(function, '/'); i > 0 {
		namespace = function[:i]
	}
	switch t := t.(type) {
	case *types.Record:
		if t.Name != "" {
			return namespace + "/" + t.Unqualified()
		}
	case *types.Union:
		return namespace + "/" + t.Unqualified()
	case *types.Basic:
		if name, ok := map[types.Kind]string{
			types.Bool: "bool", types.Int32: "int", types.Int: "long", types.Float32: "float", types.Float: "double", types.String: "string",
		}[t.Kind]; ok {
			return "io.statefun.types/" + name
		}
		return namespace + "/" + t.Kind.String()
	}
	return namespace + "/value"
}

// remoteState is what the step keeps for each address, as package remote lays it
// out.
func (o *operatorCheck) remoteState(d *lang.RemoteDecl) []*ir.State {
	k := o.coder(&frame{kind: pureCode})
	field := func(name string, t types.Type) types.Field { return types.Field{Name: name, Wire: name, Type: t} }
	value := []types.Field{field("type", stringType), field("has", boolType), field("value", bytesType)}
	record := func(fields ...types.Field) types.Type { return k.anonymousRecord(fields, d.Name.Span()) }
	call := append(append([]types.Field{field("from_type", stringType), field("from_id", stringType)}, value...), field("time", timestampType))
	delayed := append(append([]types.Field{field("due", timestampType), field("token", stringType), field("to_type", stringType), field("to_id", stringType)}, value...), field("time", timestampType))
	states := []*ir.State{
		{Name: "values", Kind: ir.DynamicState, MapKey: stringType},
		{Name: "ends", Kind: ir.MapState, MapKey: stringType, Value: timestampType},
		{Name: "pending", Kind: ir.SortedState, MapKey: intType, Value: record(call...)},
		{Name: "delayed", Kind: ir.SortedState, MapKey: intType, Value: record(delayed...)},
	}
	for i, st := range states {
		st.Index, st.Forever, st.Pos = i, true, d.Name.Pos
		o.facts.spans[st] = d.Name.Span()
	}
	return states
}

// remoteStates checks the values that the program declares for a function.
func (o *operatorCheck) remoteStates(d *lang.RemoteDecl) (values []*ir.RemoteValue) {
	seen := map[string]*lang.Ident{}
	for _, m := range d.States {
		if old := seen[m.Name.Text]; old != nil {
			o.duplicate(m.Name, old.Span())
			continue
		}
		seen[m.Name.Text] = m.Name
		t := o.valueType(o.scope, m.Type)
		switch {
		case isInvalid(t):
			continue
		case !shippable(t):
			o.add(mistake(TypeMismatch, m.Type.Span(), "a value of a remote function cannot be %s", describe(t)).
				help("write bytes, string, bool, a number or a record: the function says how it is encoded"))
			continue
		}
		for _, no := range []struct {
			what  string
			there bool
		}{{"initial value", m.Init != nil}, {"name for queries", m.Queryable != nil || m.QueryableAs != nil}, {"former name", len(m.Was) > 0}, {"migration", m.Migrate != nil}} {
			if no.there {
				o.add(mistake(Misplaced, m.Name.Span(), "a value of a remote function has no %s", no.what).help("leave it out"))
			}
		}
		v := &ir.RemoteValue{Name: m.Name.Text, Type: t}
		switch r := m.Retention; {
		case r == nil || r.Step:
			o.add(mistake(UnboundedState, m.Name.Span(), "the state %q may grow for ever: there is no end of addresses, and nothing removes it", m.Name.Text).
				help("add \"ttl 30d\" to the declaration of %s, or say \"forever\"", m.Name.Text))
			continue
		case r.TTL != nil:
			ttl := o.ttl(r, o.coder(&frame{kind: pureCode, what: "a ttl"}))
			v.TTL, v.AfterInvoke = ttl.For, ttl.After == ir.AfterRead
			if ttl.Watermark {
				o.add(mistake(Misplaced, r.Span(), "a value of a remote function lives by processing time").help("leave out \"by watermark\""))
			}
			if ttl.After == ir.AfterCreate {
				o.add(mistake(Misplaced, r.Span(), "a value of a remote function lives from its last write, or from the last call").help("write ttl … after write, or after read"))
			}
		}
		values = append(values, v)
	}
	return values
}

// checkRemotes checks that each function has one step, so that a message to its
// type has one place to go.
func (c *checker) checkRemotes() {
	taken := map[string]*stepInfo{}
	for _, s := range c.steps {
		op := s.step.Op
		if op.Remote == nil && (op.Key == nil || !types.Is(op.Key, types.String) || messageInput(op) == nil) {
			continue
		}
		name := c.prog.Name + "/" + s.step.UID
		if op.Remote != nil {
			name = op.Remote.Type
		}
		if first := taken[name]; first != nil && (op.Remote != nil || first.step.Op.Remote != nil) {
			c.add(mistake(DuplicateName, s.span, "two steps take messages to %q", name).note(first.span, "the first is here").
				help("join the streams before: a |> union(b) |> …"))
			continue
		}
		taken[name] = s
	}
}

// remoteSettings checks the lines of a block one by one.
type remoteSettings struct {
	*operatorCheck
	decl *lang.RemoteDecl
	r    *ir.Remote
	k    *coder
	seen map[string]*lang.RemoteSetting
}

// remoteHelp shows how each setting is written.
var remoteHelp = map[string]string{
	"type":     `write type "namespace/name"`,
	"endpoint": `write endpoint "http://localhost:8000/statefun"`,
	"token":    `write token env("TOKEN")`,
	"ca":       `write ca "certificates.pem"`,
	"cert":     `write cert "client.pem"`,
	"key":      `write key "client.key"`,
	"timeout":  `write timeout call 1m, connect 10s, read 10s, write 10s`,
	"max":      `write max 1000 in flight`,
	"argument": `write argument "namespace/Type", and behind it protobuf for that, or value to ship the field value alone`,
	"result":   `write result "namespace/Type", or result "namespace/Type" protobuf`,
}

func (s *remoteSettings) wrong(n lang.Node, name, format string, args ...any) {
	s.add(mistake(WrongArguments, n.Span(), format, args...).help("%s", remoteHelp[name]))
}

func (s *remoteSettings) setting(d *lang.RemoteSetting) {
	name := d.Name.Text
	if remoteHelp[name] == "" {
		s.add(mistake(UnknownArgument, d.Name.Span(), "a remote function has no setting %q", name).
			meant(name, sortedKeys(remoteHelp)).help("%s", listed("setting", sortedKeys(remoteHelp))))
		return
	}
	if old := s.seen[name]; old != nil {
		s.add(mistake(DuplicateName, d.Name.Span(), "the setting %s is given twice", name).note(old.Span(), "the first is here").help("leave out one of the two"))
		return
	}
	s.seen[name] = d
	if len(d.Values) == 0 {
		s.wrong(d, name, "the setting %s has no value", name)
		return
	}
	switch name {
	case "timeout":
		s.timeouts(d)
	case "max":
		s.most(d)
	case "type", "argument", "result":
		s.typename(d)
	default:
		a := d.Values[0]
		if len(d.Values) > 1 || a.Label != "" {
			s.wrong(d, name, "the setting %s has one value", name)
			return
		}
		v := s.k.value(a.Value, stringType, "the setting "+name)
		*map[string]*ir.Expr{"endpoint": &s.r.Endpoint, "token": &s.r.Token, "ca": &s.r.CA, "cert": &s.r.Cert, "key": &s.r.Key}[name] = v
		text, written := v.(*ir.StringConst)
		switch {
		case written && name == "token":
			s.wrong(a, name, "a token does not stand in a program")
		case written && name == "endpoint":
			s.endpoint(a, text.Value)
		}
	}
}

// endpoints are how the texts of endpoints begin.
var endpoints = regexp.MustCompile(`^(http|https|h2c|http\+unix|https\+unix)://`)

// placeholders are the parts of an endpoint that stand for something, or look so.
var placeholders = regexp.MustCompile(`\{[^{}]*\}`)

// endpoint checks an endpoint that stands in the program. All else is looked at when
// the pipeline starts.
func (s *remoteSettings) endpoint(a *lang.Arg, text string) {
	if !endpoints.MatchString(text) {
		s.wrong(a, "endpoint", "%q is none of http, https, h2c, http+unix and https+unix", text)
	}
	for _, p := range placeholders.FindAllString(text, -1) {
		if p != "{namespace}" && p != "{name}" && p != "{function.name}" {
			s.wrong(a, "endpoint", "%s stands for nothing here: there are {namespace}, {name} and {function.name}", p)
		}
	}
}

// typeNames are what the names of types look like.
var typeNames = regexp.MustCompile(`^[A-Za-z0-9_.\-]+(/[A-Za-z0-9_.\-]+)+$`)

func (s *remoteSettings) typename(d *lang.RemoteSetting) {
	name, a := d.Name.Text, d.Values[0]
	lit, ok := s.k.value(a.Value, stringType, "the setting "+name).(*ir.StringConst)
	switch {
	case !ok || len(d.Values) > 1:
		s.wrong(d, name, "the setting %s is one text in quotes", name)
	case !typeNames.MatchString(lit.Value):
		s.wrong(a, name, "%q is no name of a type: it has a namespace and a name", lit.Value)
	case a.Label != "" && (name == "type" || a.Label != "protobuf" && a.Label != "json" && (a.Label != "value" || name != "argument")):
		s.wrong(a, name, "%q says nothing here", a.Label)
	case name == "type":
		s.r.Type = lit.Value
	case name == "argument":
		s.r.In, s.r.InValue = named(lit.Value, a), a.Label == "value"
	default:
		s.r.Out = named(lit.Value, a)
	}
}

// named is how values travel of which the program says it by name.
func named(name string, a *lang.Arg) ir.Wire {
	return ir.Wire{Type: name, Named: true, Protobuf: a.Label == "protobuf"}
}

// wire checks in m: Credit message "namespace/name" protobuf.
func (o *operatorCheck) wire(m *lang.InDecl, in *ir.In) {
	const help = `write message "namespace/Type" protobuf, or json`
	lit, ok := o.coder(&frame{kind: pureCode, what: "a type's name"}).value(m.Wire.Value, stringType, "the type's name").(*ir.StringConst)
	switch {
	case !ok:
		o.add(mistake(WrongArguments, m.Wire.Span(), "the name of the messages' type is one text in quotes").help(help))
		return
	case !typeNames.MatchString(lit.Value):
		o.add(mistake(WrongArguments, m.Wire.Span(), "%q is no name of a type: it has a namespace and a name", lit.Value).help(help))
	case m.Wire.Label != "" && m.Wire.Label != "protobuf" && m.Wire.Label != "json":
		o.add(mistake(WrongArguments, m.Wire.LabelSpan, "%q says nothing here", m.Wire.Label).help(help))
	case !isInvalid(in.Elem) && !shippable(in.Elem):
		o.add(mistake(TypeMismatch, m.Type.Span(), "a remote function cannot send %s", describe(in.Elem)).help(shippableHelp))
	}
	wire := named(lit.Value, m.Wire)
	if wire.Protobuf && !protobufs(in.Elem) {
		o.needProtobuf(in.Elem, m.Type)
	}
	in.Wire = &wire
}

func (s *remoteSettings) timeouts(d *lang.RemoteSetting) {
	into := map[string]*ir.Expr{"call": &s.r.Call, "connect": &s.r.Connect, "read": &s.r.Read, "write": &s.r.Write}
	for _, a := range d.Values {
		to := into[a.Label]
		if to == nil || *to != nil {
			s.wrong(a, "timeout", "a timeout is of call, connect, read or write, each once")
			return
		}
		v := s.k.value(a.Value, durationType, "the timeout "+a.Label)
		if c, ok := v.(*ir.IntConst); ok && c.Value <= 0 {
			s.wrong(a, "timeout", "the timeout %s must be longer than nothing", a.Label)
		}
		*to = v
	}
}

func (s *remoteSettings) most(d *lang.RemoteSetting) {
	a := d.Values[0]
	if len(d.Values) > 1 || a.Label != "in flight" {
		s.wrong(d, "max", "max says how many calls may be in flight")
		return
	}
	s.r.Most = s.k.value(a.Value, intType, "the setting max")
	if c, ok := s.r.Most.(*ir.IntConst); ok && c.Value < 1 {
		s.wrong(a, "max", "at least one call must be in flight")
	}
}
