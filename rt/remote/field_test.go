package remote_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/remote"
	"github.com/flow-lang/flowc/rt/value"
)

// TestElements reads lists of numbers, of which others pack several into a field.
func TestElements(t *testing.T) {
	t.Parallel()
	packed := func(b []byte, field int, numbers ...byte) []byte { return remote.PutBytes(b, field, numbers, true) }
	for _, c := range []struct {
		name string
		in   []byte
		want []int64
		err  string
	}{
		{"none", nil, nil, ""},
		{"one by one", remote.PutInt(remote.PutInt(nil, 1, 0, true), 1, -7, true), []int64{0, -7}, ""},
		{"packed", packed(nil, 1, 0, 7, 0xac, 0x02), []int64{0, 7, 300}, ""},
		{"packed, and nothing in it", packed(nil, 1), nil, ""},
		{"both", packed(remote.PutInt(packed(nil, 1, 1, 2), 1, 3, true), 1, 4), []int64{1, 2, 3, 4}, ""},
		{"cut", packed(nil, 1, 1, 0xac), []int64{1}, "the message ends within a field"},
		{"of another type", remote.PutFloat(nil, 1, 1, true), []int64{0x3ff0000000000000}, "field 1 is of wire type 1, not a number"},
	} {
		var got []int64
		m := remote.NewMessage(c.in)
		for m.Next() {
			for range m.Elements(remote.Varint) {
				got = append(got, m.Int())
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if err := m.Err(); (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("%s: the error is %v, not %q", c.name, err, c.err)
		}
	}
	var got []float64
	m := remote.NewMessage(remote.PutBytes(nil, 9, []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0xe0, 0xbf}, true))
	for m.Next() {
		for range m.Elements(remote.Fixed64) {
			got = append(got, m.Float())
		}
	}
	if diff := cmp.Diff([]float64{1, -0.5}, got); diff != "" || m.Err() != nil {
		t.Errorf("numbers of 64 bits (-want +got):\n%s%v", diff, m.Err())
	}
}

// TestBounds: what a value of the program cannot be is a mistake.
func TestBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		in   []byte
		read func(*remote.Message) any
		want any // or the error
	}{
		{"a time", remote.PutInt(nil, 1, int64(value.MaxTime), true), func(m *remote.Message) any { return m.Timestamp() }, value.MaxTime},
		{"a time too late", remote.PutInt(nil, 1, int64(value.MaxTime)+1, true), func(m *remote.Message) any { return m.Timestamp() }, "a time outside the years 1 to 9999"},
		{"a date", remote.PutInt32(nil, 1, int32(value.MinDate), true), func(m *remote.Message) any { return m.Date() }, value.MinDate},
		{"a date too early", remote.PutInt32(nil, 1, int32(value.MinDate)-1, true), func(m *remote.Message) any { return m.Date() }, "a date outside the years 1 to 9999"},
		{"a duration", remote.PutInt(nil, 1, math.MinInt64, true), func(m *remote.Message) any { return m.Duration() }, value.Duration(math.MinInt64)},
		{"a number", remote.PutInt(nil, 1, math.MaxInt32+1, true), func(m *remote.Message) any { return m.Int32() }, "a number of more than 32 bits"},
		{"JSON", remote.PutText(nil, 1, `{"a":1}`, true), func(m *remote.Message) any { return m.JSON() }, value.JSON(`{"a":1}`)},
		{"no JSON", remote.PutText(nil, 1, `{"a":1`, true), func(m *remote.Message) any { return m.JSON() }, "a text that is no JSON"},
		{"empty JSON", remote.PutText(nil, 1, ``, true), func(m *remote.Message) any { return m.JSON() }, "a text that is no JSON"},
	} {
		m := remote.NewMessage(c.in)
		m.Next()
		got := c.read(m)
		if err := m.Err(); err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestTypeNames: the name of a type is that of a record with or without its package.
func TestTypeNames(t *testing.T) {
	t.Parallel()
	for typename, want := range map[string][2]string{
		"example/Order":                  {"Order", "Order"},
		"type.googleapis.com/shop.Order": {"shop.Order", "Order"},
		"a/b/Order":                      {"Order", "Order"},
	} {
		r := remote.Record{Type: typename}
		if got := [2]string{r.Name(), r.Message()}; got != want {
			t.Errorf("%s is %q, not %q", typename, got, want)
		}
	}
	r := remote.Record{Type: "example/Order"}
	if err := r.Want("example/Order"); err != nil {
		t.Error(err)
	}
	if err := r.Want("example/Cart"); err == nil || err.Error() != "the value is of type example/Order, not example/Cart" {
		t.Errorf("another type: %v", err)
	}
}
