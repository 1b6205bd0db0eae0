package ir

import "github.com/flow-lang/flowc/typecheck/types"

// Remote is what the program says of a remote function. Its operator has a keyed
// input, an output, and an input for messages of other functions; its states are
// those that package remote keeps, and its handlers do nothing.
type Remote struct {
	Type          string // namespace/name
	Endpoint      Expr   // a string
	Token         Expr   // strings, nil where there is none
	CA, Cert, Key Expr
	Call, Connect Expr // durations, nil where nothing is said
	Read, Write   Expr
	Most          Expr // an int; nil where nothing is said
	In, Out       Wire // arguments and results
	InValue       bool // of a record its field value, which is bytes, is shipped alone
	Values        []*RemoteValue
}

// RemoteValue is a value that the program declares for a function.
type RemoteValue struct {
	Name        string
	Type        types.Type
	TTL         Expr // a duration; nil means for ever
	AfterInvoke bool // the ttl counts from each call, not from the last write
}

// Exprs lists the expressions of the settings that are there.
func (r *Remote) Exprs() (list []Expr) {
	for _, e := range []Expr{r.Endpoint, r.Token, r.CA, r.Cert, r.Key, r.Call, r.Connect, r.Read, r.Write, r.Most} {
		if e != nil {
			list = append(list, e)
		}
	}
	for _, v := range r.Values {
		if v.TTL != nil {
			list = append(list, v.TTL)
		}
	}
	return list
}

// Wire is how values travel between the program and a remote function.
type Wire struct {
	Type     string // name of the values' type
	Named    bool   // the program names it; a value of another is refused
	Protobuf bool   // records are protobuf, not JSON
}
