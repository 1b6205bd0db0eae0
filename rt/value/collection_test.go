package value_test

import (
	"cmp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/value"
)

func TestSetOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		elems []int64
		want  []int64
	}{
		{name: "none"},
		{name: "in order", elems: []int64{-1, 0, 5}, want: []int64{-1, 0, 5}},
		{name: "any order, with repeats", elems: []int64{5, -1, 5, 0, -1}, want: []int64{-1, 0, 5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := gocmp.Diff(tt.want, value.SetOf(cmp.Compare[int64], tt.elems...)); diff != "" {
				t.Errorf("SetOf(%v) (-want +got):\n%s", tt.elems, diff)
			}
		})
	}
}

func TestNewMap(t *testing.T) {
	t.Parallel()
	type textMap = value.Map[string, int]
	tests := []struct {
		name     string
		keys     string
		want     textMap
		repeated int
	}{
		{name: "none", repeated: -1},
		{name: "in order", keys: "a b c", want: textMap{[]string{"a", "b", "c"}, []int{0, 1, 2}}, repeated: -1},
		{name: "any order", keys: "c a b", want: textMap{[]string{"a", "b", "c"}, []int{1, 2, 0}}, repeated: -1},
		{name: "the last of equal keys stays", keys: "b a b a a", want: textMap{[]string{"a", "b"}, []int{4, 2}}, repeated: 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var keys []string
			var values []int
			for i, key := range strings.Fields(tt.keys) {
				keys, values = append(keys, key), append(values, i)
			}
			got, repeated := value.NewMap(strings.Compare, keys, values)
			if diff := gocmp.Diff(tt.want, got); diff != "" || repeated != tt.repeated {
				t.Errorf("NewMap(%s) repeats %d, want %d (-want +got):\n%s", tt.keys, repeated, tt.repeated, diff)
			}
		})
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	m := value.MapOf(strings.Compare, []string{"b", "a"}, []int{2, 1})
	for key, want := range map[string]value.Option[int]{"a": value.Some(1), "b": value.Some(2), "": {}, "c": {}} {
		if got := value.Find(m, key, strings.Compare); got != want {
			t.Errorf("Find(%q) = %v, want %v", key, got, want)
		}
		if got := value.Has(m.Keys, key, strings.Compare); got != want.OK {
			t.Errorf("Has(%q) = %t, want %t", key, got, want.OK)
		}
	}
	if got := value.Find(value.Map[string, int]{}, "a", strings.Compare); got.OK {
		t.Errorf("Find in an empty map = %v, want none", got)
	}
}

func TestCompareBools(t *testing.T) {
	t.Parallel()
	if got := value.SetOf(value.CompareBools, true, false, true); !gocmp.Equal(got, []bool{false, true}) {
		t.Errorf("SetOf(true, false, true) = %v, want [false true]", got)
	}
}
