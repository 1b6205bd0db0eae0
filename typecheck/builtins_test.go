package typecheck

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/typecheck/types"
)

func TestEveryBuiltinIsDescribed(t *testing.T) {
	t.Parallel()
	check := func(kind string, b *builtin) {
		if !strings.HasPrefix(b.doc, b.name+" ") || !strings.HasSuffix(b.doc, ".") {
			t.Errorf("the doc of %s%s is no sentence about it: %q", kind, b.name, b.doc)
		}
		if b.result == nil {
			t.Errorf("%s%s gives nothing", kind, b.name)
		}
		if b.property && len(b.params) > 0 {
			t.Errorf("the property %s%s has parameters", kind, b.name)
		}
	}
	for _, b := range functions {
		check("", b)
	}
	for kind, table := range methods {
		if kind == "" {
			t.Error("a method has a receiver without a kind")
		}
		for _, b := range table {
			check(kind+".", b)
		}
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	opt := func(t types.Type) types.Type { return &types.Option{Elem: t} }
	tests := []struct {
		name string
		a, b types.Type
		want string // "" if there is none
	}{
		{name: "the same", a: intType, b: intType, want: "int"},
		{name: "int32 widens", a: int32Type, b: intType, want: "int"},
		{name: "whole numbers and floats do not meet", a: intType, b: floatType},
		{name: "none makes an option", a: noneType, b: stringType, want: "string?"},
		{name: "an option and its element", a: opt(intType), b: intType, want: "int?"},
		{name: "an option and a narrower element", a: opt(intType), b: int32Type, want: "int?"},
		{name: "an option and a wider element", a: opt(int32Type), b: intType, want: "int?"},
		{name: "options widen", a: opt(int32Type), b: opt(intType), want: "int?"},
		{name: "never gives way", a: neverType, b: boolType, want: "bool"},
		{name: "decimals meet in the type that holds both", a: &types.Decimal{Precision: 9, Scale: 2}, b: &types.Decimal{Precision: 9, Scale: 4}, want: "decimal(11, 4)"},
		{name: "lists of different elements do not meet", a: &types.List{Elem: int32Type}, b: &types.List{Elem: intType}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, pair := range [][2]types.Type{{tt.a, tt.b}, {tt.b, tt.a}} {
				got := ""
				if j := join(pair[0], pair[1]); j != nil {
					got = j.String()
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("join(%s, %s) (-want +got):\n%s", pair[0], pair[1], diff)
				}
			}
		})
	}
}

func TestKebab(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"count_visits": "count-visits", "few.clean": "few-clean", "Top": "top"} {
		if diff := cmp.Diff(want, kebab(name)); diff != "" {
			t.Errorf("kebab(%q) (-want +got):\n%s", name, diff)
		}
	}
}
