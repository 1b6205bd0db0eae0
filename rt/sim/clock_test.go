package sim_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	alarms "github.com/flow-lang/flowc/golden/gen/alarms"
	"github.com/flow-lang/flowc/reliability"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/state/memstore"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

const (
	millisecond = value.Timestamp(1000)
	hour        = 3600 * 1000 * millisecond
	year        = 8766 * hour
	turn2038    = value.Timestamp(1<<31) * 1000 * millisecond // µs
)

// begin is the time at which simulations begin.
const begin = value.Timestamp(1714521600000000)

// clocks are what is wrong with the clock of a process. Until a fifth of a second
// has passed all is well.
var clocks = []struct {
	name string
	show func(now, since value.Timestamp) value.Timestamp
}{
	{"an hour ahead", func(now, since value.Timestamp) value.Timestamp { return now + hour }},
	{"an hour behind", func(now, since value.Timestamp) value.Timestamp { return now - hour }},
	{"a year ahead", func(now, since value.Timestamp) value.Timestamp { return now + year }},
	{"a year behind", func(now, since value.Timestamp) value.Timestamp { return now - year }},
	{"backwards each millisecond", func(now, since value.Timestamp) value.Timestamp { return now - 2*(since%millisecond) }},
	{"backwards all the time", func(now, since value.Timestamp) value.Timestamp { return now - 2*since }},
	{"frozen", func(now, since value.Timestamp) value.Timestamp { return now - since }},
	{"over the turn of 2038", func(now, since value.Timestamp) value.Timestamp { return turn2038 - 10*millisecond + since }},
	{"asleep for a day", func(now, since value.Timestamp) value.Timestamp { return now + 24*hour }},
	{"to and fro", func(now, since value.Timestamp) value.Timestamp { return now + hour*(since/millisecond%3-1) }},
}

// TestAlarmsByAWrongClock: a timer of processing time fires once and not before
// the clock shows its time, however wrong the clock is, and wherever the job is
// killed; and there are no more of them than were set.
func TestAlarmsByAWrongClock(t *testing.T) {
	t.Parallel()
	seeds := reliability.Size(4, 40, 1000)
	runs, rung, bad := 0, 0, 0
	for _, clock := range clocks {
		for seed := range uint64(seeds) {
			runs++
			n, err := checkAlarms(t, seed, clock.show)
			if rung += n; err != nil {
				bad++
				t.Errorf("%s, seed %d: %v", clock.name, seed, err)
			}
		}
	}
	if rung == 0 {
		t.Error("no timer has fired")
	}
	reliability.Note(t, "T14 timers", bad, reliability.Count{Name: "clocks", N: int64(len(clocks))}, reliability.Count{Name: "runs", N: int64(runs)},
		reliability.Count{Name: "timers of processing time", N: int64(rung)})
}

// checkAlarms returns how many timers have fired.
func checkAlarms(t *testing.T, seed uint64, show func(now, since value.Timestamp) value.Timestamp) (int, error) {
	random := rand.New(rand.NewPCG(seed, 18))
	var text strings.Builder
	const ids = 40
	for range 2000 {
		fmt.Fprintf(&text, "{\"id\":%d}\n", random.IntN(ids))
	}
	disk := vfs.NewCrashable()
	lasting(t, disk, "in.jsonl", text.String())
	if err := liveByClock(alarms.Pipeline, &disk, random, seed, show); err != nil {
		return 0, err
	}
	type alarm struct{ ID, Nth int }
	rung := map[alarm]bool{}
	for line := range strings.Lines(content(t, disk, "out.jsonl")) {
		var a struct {
			alarm
			Set, Rung time.Time
		}
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			return 0, err
		}
		if a.Rung.Sub(a.Set) < 5*time.Millisecond {
			return 0, fmt.Errorf("it rings before its time: %s", line)
		}
		if rung[a.alarm] {
			return 0, fmt.Errorf("it rings twice: %s", line)
		}
		rung[a.alarm] = true
	}
	return len(rung), nil
}

// TestWhateverTheClockShows: what comes of event time does not depend on the
// clock, nor on where it is wrong when a job is killed, and the job ends.
func TestWhateverTheClockShows(t *testing.T) {
	t.Parallel()
	seeds := reliability.Size(4, 40, 1000)
	runs, bad := 0, 0
	for _, clock := range clocks {
		for seed := range uint64(seeds) {
			runs++
			if err := checkClock(t, seed, clock.show); err != nil {
				bad++
				t.Errorf("%s, seed %d: %v", clock.name, seed, err)
			}
		}
	}
	reliability.Note(t, "T14", bad, reliability.Count{Name: "clocks", N: int64(len(clocks))}, reliability.Count{Name: "runs", N: int64(runs)})
}

func checkClock(t *testing.T, seed uint64, show func(now, since value.Timestamp) value.Timestamp) error {
	random := rand.New(rand.NewPCG(seed, 14))
	p := programs[seed%2]
	text := p.input(random, 100)
	want := map[string]string{}
	plain := vfs.NewMem()
	if err := vfs.WriteFile(plain, "in.jsonl", []byte(text)); err != nil {
		return err
	}
	if _, err := sim.Run(p.spec(), sim.Options{Job: rt.Options{FS: plain, Parallelism: 1}}); err != nil {
		return err
	}
	for _, name := range p.outputs {
		want[name] = content(t, plain, name)
	}
	disk := vfs.NewCrashable()
	lasting(t, disk, "in.jsonl", text)
	if err := liveByClock(p.spec, &disk, random, seed, show); err != nil {
		return err
	}
	for _, name := range p.outputs {
		if diff := cmp.Diff(sortedLines(want[name]), sortedLines(content(t, disk, name))); diff != "" {
			return fmt.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	return nil
}

// liveByClock runs a job, killed three times, by a clock that is wrong from some
// time on.
func liveByClock(spec func() rt.Spec, disk *vfs.Crashable, random *rand.Rand, seed uint64, show func(now, since value.Timestamp) value.Timestamp) error {
	for start := uint64(0); ; start++ {
		opts := options(random, *disk)
		opts.CheckpointTo, opts.CheckpointInterval, opts.BlockSize = sim.Checkpoints, 20*time.Millisecond, 512
		opts.State, opts.StateDir, opts.CacheSize = []string{rt.MemoryState, memstore.Name}[random.IntN(2)], "state", 1
		steps := 100 + random.IntN(100)
		wrong := begin + value.Timestamp(random.IntN(50))*millisecond
		_, err := sim.Run(spec(), sim.Options{
			Seed: seed*10 + start, Job: opts, MaxSteps: 100_000,
			Crash: func() bool { steps--; return start < 3 && steps == 0 },
			Clock: func(now value.Timestamp) value.Timestamp {
				if now < wrong {
					return now
				}
				return show(now, now-wrong)
			},
		})
		if err == nil || start >= 3 {
			return err
		}
		*disk = (*disk).Crash(random, 50)
	}
}
