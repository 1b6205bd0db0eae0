package types_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/types"
)

func TestCanBeKey(t *testing.T) {
	t.Parallel()
	text, float := types.Of(types.String), types.Of(types.Float)
	enum := &types.Enum{Name: "E", Symbols: []types.Symbol{{Name: "a"}}}
	record := func(ts ...types.Type) types.Type {
		r := &types.Record{}
		for _, f := range ts {
			r.Fields = append(r.Fields, types.Field{Name: "f", Type: f})
		}
		return r
	}
	tests := []struct {
		t    types.Type
		want bool
	}{
		{text, true},
		{types.Of(types.UUID), true},
		{enum, true},
		{&types.Decimal{Precision: 9, Scale: 2}, true},
		{float, false},
		{types.Of(types.JSON), false},
		{&types.Option{Elem: text}, false},
		{&types.List{Elem: text}, false},
		{record(text, enum), true},
		{record(text, float), false},
		{record(), false},
	}
	for _, tt := range tests {
		if got := types.CanBeKey(tt.t); got != tt.want {
			t.Errorf("CanBeKey(%s) = %t, want %t", tt.t, got, tt.want)
		}
	}
}

func TestIdentical(t *testing.T) {
	t.Parallel()
	a := source.Span{Start: source.Pos{Filename: "a.flow", Line: 1, Column: 1}}
	b := source.Span{Start: source.Pos{Filename: "b.flow", Line: 1, Column: 1}}
	integer, text := types.Of(types.Int), types.Of(types.String)
	field := func(name string, t types.Type) types.Field { return types.Field{Name: name, Type: t} }
	tests := []struct {
		name string
		a, b types.Type
		want bool
	}{
		{"scalars by kind", integer, types.Of(types.Int), true},
		{"other scalars", integer, text, false},
		{"lists by element", &types.List{Elem: integer}, &types.List{Elem: types.Of(types.Int)}, true},
		{"an option is not its element", &types.Option{Elem: integer}, integer, false},
		{"records of one name in two files", &types.Record{Name: "R", Origin: a}, &types.Record{Name: "R", Origin: b}, false},
		{"uses of a generic record by arguments", &types.Record{Name: "R", Origin: a, Args: []types.Type{integer}}, &types.Record{Name: "R", Origin: a, Args: []types.Type{text}}, false},
		{"anonymous records by fields", &types.Record{Fields: []types.Field{field("x", integer)}, Origin: a}, &types.Record{Fields: []types.Field{field("x", integer)}, Origin: b}, true},
		{"anonymous records of other names", &types.Record{Fields: []types.Field{field("x", integer)}}, &types.Record{Fields: []types.Field{field("y", integer)}}, false},
		{"decimals by digits", &types.Decimal{Precision: 9, Scale: 2}, &types.Decimal{Precision: 9, Scale: 3}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, types.Identical(tt.a, tt.b)); diff != "" {
				t.Errorf("Identical(%s, %s) (-want +got):\n%s", tt.a, tt.b, diff)
			}
		})
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	window := &types.Record{Name: "Window", Args: []types.Type{types.Of(types.String), types.Of(types.Int)}}
	tests := []struct {
		t    types.Type
		want string
	}{
		{&types.Option{Elem: &types.List{Elem: types.Of(types.Int32)}}, "list<int32>?"},
		{&types.Map{Key: types.Of(types.String), Value: window}, "map<string, Window<string, int>>"},
		{&types.Record{Fields: []types.Field{{Name: "a", Type: types.Of(types.Bool)}}}, "{ a: bool }"},
		{&types.Func{Params: []types.Type{types.Of(types.Int)}, Result: &types.Param{Name: "K"}}, "(int) -> K"},
		{&types.Stream{Elem: &types.Decimal{Precision: 18, Scale: 2}}, "stream<decimal(18, 2)>"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.t.String()); diff != "" {
			t.Errorf("String() (-want +got):\n%s", diff)
		}
	}
}
