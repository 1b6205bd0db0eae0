package rt

import (
	"testing"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// mortal has a state that event time ends, and one that the clock ends.
type mortal struct{ Stateless }

func (mortal) Lifetime(number int) (ttl value.Duration, clock bool) {
	switch number {
	case 0:
		return 10, false
	case 1:
		return 10, true
	}
	return 0, false
}

// TestSavepointsLeaveOutWhatATTLHasEnded: a state ends by the watermark or by the
// clock of the cut, and what has no time, no ttl or takes something away stays.
func TestSavepointsLeaveOutWhatATTLHasEnded(t *testing.T) {
	t.Parallel()
	sh := &shard{op: mortal{}}
	a := &attempt{swept: map[*shard]sweptUpTo{sh: {mark: 100, clock: 200}}}
	lives := sh.lives(a)
	tests := []struct {
		name   string
		record state.Record
		want   bool
	}{
		{"by event time, in time", state.Record{State: 0, Written: 91}, true},
		{"by event time, ended", state.Record{State: 0, Written: 90}, false},
		{"by the clock, in time", state.Record{State: 1, Written: 191}, true},
		{"by the clock, ended", state.Record{State: 1, Written: 190}, false},
		{"without a ttl", state.Record{State: 2, Written: 1}, true},
		{"without a time", state.Record{State: 0}, true},
		{"takes away", state.Record{State: 0, Written: 1, Gone: state.EntryGone}, true},
	}
	for _, tt := range tests {
		if got := lives(&tt.record); got != tt.want {
			t.Errorf("%s: lives(%+v) = %v, want %v", tt.name, tt.record, got, tt.want)
		}
	}
	if immortal := (&shard{op: Stateless{}}).lives(a); !immortal(&state.Record{Written: 1}) {
		t.Error("a record of an operator without a ttl is left out")
	}
}
