package schema_test

import (
	"testing"

	"github.com/flow-lang/flowc/rt/schema"
)

func TestDeclarations(t *testing.T) {
	t.Parallel()
	text := &schema.Type{Shape: schema.String}
	amount := &schema.Type{Shape: schema.Decimal, Precision: 18, Scale: 2}
	tests := []struct {
		name string
		got  string
		want string
	}{
		{
			name: "value with a ttl",
			got: (&schema.State{Name: "last", Kind: schema.Value, Type: &schema.Type{Shape: schema.Float},
				Retention: schema.Retention{TTL: 5_400_000_000, After: schema.AfterWrite}}).String(),
			want: "state last: value<float> ttl 1h30m after write",
		},
		{
			name: "value with a ttl of a parameter, by watermark",
			got: (&schema.State{Name: "last", Kind: schema.Value, Type: &schema.Type{Shape: schema.Float},
				Retention: schema.Retention{After: schema.AfterRead, Watermark: true}}).String(),
			want: "state last: value<float> ttl of a parameter after read by watermark",
		},
		{
			name: "map for ever",
			got: (&schema.State{Name: "m", Kind: schema.Map, MapKey: text, Type: &schema.Type{Shape: schema.Option, Elem: amount},
				Retention: schema.Retention{Forever: true}}).String(),
			want: "state m: map<string, decimal(18, 2)?> forever",
		},
		{
			name: "bounded by a timer",
			got:  (&schema.State{Name: "xs", Kind: schema.List, Type: &schema.Type{Shape: schema.Record, Fields: []schema.Field{{Name: "a", Type: *text}}}}).String(),
			want: "state xs: list<{ a: string }>",
		},
		{
			name: "timer family",
			got:  (&schema.Timer{Name: "close", Index: &schema.Type{Shape: schema.Timestamp}}).String(),
			want: "timer close[timestamp]: event time",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.got != tt.want {
				t.Errorf("String() = %q, want %q", tt.got, tt.want)
			}
		})
	}
}
