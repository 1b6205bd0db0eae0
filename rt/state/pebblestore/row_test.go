package pebblestore

import (
	"testing"

	"github.com/flow-lang/flowc/rt/state"
)

// TestDamagedRows reads rows that are cut off, or whose bits say what cannot be.
func TestDamagedRows(t *testing.T) {
	t.Parallel()
	row := state.Row{Key: []byte("a")}
	for number := range 31 {
		row.Put(&state.Record{State: number, Value: []byte("value"), Written: 1})
	}
	val := appendRow(nil, &row)
	read := func(val []byte) error {
		r, err := readRow(0, row.Key, val)
		if err != nil {
			return err
		}
		return r.Records(func(*state.Record) error { return nil })
	}
	if err := read(val); err != nil {
		t.Errorf("a whole row: %v", err)
	}
	for n := range val {
		if read(val[:n]) == nil {
			t.Errorf("the first %d bytes are a row", n)
		}
	}
	for what, val := range map[string][]byte{
		"a state too many":            {0x80, 0x80, 0x80, 0x80, 0x08, 0, 0},
		"a time of what is not there": {1, 2, 0},
		"more than its states":        {1, 0, 0, 0},
	} {
		if read(val) == nil {
			t.Errorf("%s is a row", what)
		}
	}
}
