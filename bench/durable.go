package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// durable holds state that lasts against programs whose state does not, and Pebble
// as flowc uses it against Pebble with a Get and a Set for each event.
var durable = []measurement{
	contestOf("exactly-once/1e5", exactlyOnce("1e5", 100_000, 1)),
	contestOf("exactly-once/1e6", exactlyOnce("1e6", 1_000_000, 1.1)),
	{name: "much-state", run: muchState, also: []string{"memory", "barrier-pause", "checkpoint-bytes", "restore"}},
	{name: "pebble/hot", run: func(w *workshop) ([]Figure, error) {
		return pebbleContest("pebble/hot", contest{users: 10_000}, 256, 12).run(w)
	}},
	{name: "pebble/recent", run: func(w *workshop) ([]Figure, error) {
		// A tenth of the users, which take a hundred bytes each.
		cache := max(w.rows/perUser*100/10>>20, 1)
		return pebbleContest("pebble/recent", contest{recent: true}, cache, 3).run(w)
	}},
	{name: "pebble/reopened", run: reopened},
	{name: "pebble/converted", run: converted},
	{name: "upgrade", run: upgrade, also: []string{"upgrade/converting", "upgrade/converting, clock", "upgrade/converted"}},
}

// severalSeconds is how many times more rows there are where a checkpoint is taken
// each second: a run has one at its end, which without others is all that counts.
const severalSeconds = 8

// exactlyOnce is the contest of the job with state that takes a checkpoint each
// second with the loop, which takes none, and with itself without.
func exactlyOnce(size string, users int, goal float64) contest {
	lasting := flow("each second", "bench/keyed.flow", "1")
	lasting.args = append(lasting.args, everySecond...)
	return contest{
		users: users, times: severalSeconds,
		candidates: []candidate{
			hand("hand loop", "./bench/hand/keyed"),
			flow("none", "bench/keyed.flow", "1"),
			lasting,
		},
		comparisons: []comparison{
			{name: "exactly-once/" + size, against: "hand loop", of: "each second", to: "hand loop", goal: goal},
			{name: "checkpoint-each-second/" + size, against: "no checkpoints", of: "each second", to: "none", goal: 0.97},
		},
	}
}

// pebbleContest holds state in Pebble against a program that reads and writes
// Pebble at each event, with as many MiB of memory and a checkpoint each second.
func pebbleContest(name string, c contest, cache int, goal float64) contest {
	byHand := hand("Get and Set", "./bench/hand/pebble")
	byHand.args = append([]string{strconv.Itoa(cache << 20)}, byHand.args...)
	c.candidates = []candidate{byHand, withPebble("flow", "bench/keyed.flow", cache)}
	c.comparisons = []comparison{{name: name, against: "Get and Set", of: "flow", to: "Get and Set", goal: goal}}
	return c
}

// withPebble is a pipeline with its state in Pebble, and so many MiB of memory for it.
func withPebble(name, file string, cache int) candidate {
	k := flow(name, file, "1")
	k.args = append(append(k.args, everySecond...), "--state", "pebble", "--state-dir", "state", "--cache-size", strconv.Itoa(cache)+"MiB")
	return k
}

// The size of an entry of bench/many.flow: its key, and three numbers of 8 bytes.
const entryBytes = 16 + 3*8

// muchState measures what the state of very many keys weighs, how long a barrier
// keeps records waiting when all of it has changed, what a checkpoint of changes
// writes, and what a start costs that reads all of it back.
func muchState(w *workshop) ([]Figure, error) {
	bin, err := w.flowProgram("bench/many.flow")
	if err != nil {
		return nil, err
	}
	byHand, err := w.goProgram("./bench/hand/many")
	if err != nil {
		return nil, err
	}
	m, err := measureState(w, bin, byHand, w.keys)
	if err != nil {
		return nil, err
	}
	few, err := measureState(w, bin, byHand, w.keys/4)
	if err != nil {
		return nil, err
	}
	const mega = 1e6
	per := "/" + strconv.FormatFloat(float64(w.keys), 'g', -1, 64)
	perKey := float64(m.restore-few.restore) / float64(w.keys-w.keys/4)
	memory := float64(m.flow.peak) / float64(m.byHand.peak)
	perByte := m.bytes / float64(m.changed*entryBytes)
	return []Figure{
		{
			Name: "memory" + per, Against: "map[string]*S", Ratio: round(memory), Goal: 0.55, Better: "lower",
			Value: float64(m.flow.peak) / mega, Base: float64(m.byHand.peak) / mega, Unit: "MB at the most", Rounds: w.rounds,
		},
		against("barrier-pause"+per, float64(m.pause.Microseconds())/1000, 1, "ms", w.rounds),
		{
			Name: "checkpoint-bytes" + per, Against: "the changed entries", Ratio: round(perByte), Goal: 1.15, Better: "lower",
			Value: m.bytes / float64(m.changed), Base: entryBytes, Unit: "bytes per entry", Rounds: w.rounds,
		},
		against("restore"+per, round(perKey), 100, "ns of CPU per key", w.rounds),
	}, nil
}

// stateFigures are of one number of keys; medians of all rounds, but of the pause
// the longest.
type stateFigures struct {
	flow, byHand usage         // with all state in memory, and no checkpoints
	restore      time.Duration // CPU time of a start that has nothing else to do
	pause        time.Duration // of a shard all of whose keys had changed
	changed      int           // keys of the checkpoint of changes
	bytes        float64       // of that
}

// measureState runs the pipeline over one event of each key, again from its
// checkpoint with nothing new, and again with an event of every tenth key.
func measureState(w *workshop, bin, byHand string, keys int) (stateFigures, error) {
	m := stateFigures{changed: keys / 10}
	in, err := manyInput(keys)
	if err != nil {
		return m, err
	}
	room, err := w.room(in)
	if err != nil {
		return m, err
	}
	defer os.RemoveAll(room)
	plain := []string{"--quiet", "--parallelism", "1"}
	saving := append(slices.Clone(plain), "--checkpoint-to", "checkpoints", "--checkpoint-interval", "24h", "--log-level", "debug", "--log-format", "json")
	var flows, hands, restores []usage
	for range w.rounds {
		u, err := launch(bin, room, append(slices.Clone(plain), "--fresh"))
		if err != nil {
			return m, err
		}
		flows = append(flows, u)
		if u, err = launch(byHand, room, []string{"in.jsonl", "byhand.jsonl"}); err != nil {
			return m, err
		}
		hands = append(hands, u)
		if u, err = launch(bin, room, append(slices.Clone(saving), "--fresh")); err != nil {
			return m, err
		}
		for _, note := range notes(u.log, "a shard has cut its state") {
			m.pause = max(m.pause, time.Duration(note.Micros)*time.Microsecond)
		}
		if u, err = launch(bin, room, saving); err != nil {
			return m, err
		}
		restores = append(restores, u)
		if m.bytes, err = changesOf(bin, room, saving, m.changed); err != nil {
			return m, err
		}
	}
	byPeak := func(a, b usage) int { return int(a.peak - b.peak) }
	slices.SortFunc(flows, byPeak)
	slices.SortFunc(hands, byPeak)
	m.flow, m.byHand = flows[len(flows)/2], hands[len(hands)/2]
	m.restore = median(restores, false)
	return m, nil
}

// changesOf runs the pipeline from its checkpoint over one more event of so many
// keys and returns how many bytes the checkpoint of these changes has.
func changesOf(bin, room string, args []string, changed int) (float64, error) {
	in := filepath.Join(room, "in.jsonl")
	all, err := os.Readlink(in)
	if err != nil {
		return 0, err
	}
	if err := errors.Join(os.Remove(in), firstLines(all, in, changed)); err != nil {
		return 0, err
	}
	u, err := launch(bin, room, append(slices.Clone(args), "--reset-source", "events"))
	if err != nil {
		return 0, err
	}
	if err := errors.Join(os.Remove(in), os.Symlink(all, in)); err != nil {
		return 0, err
	}
	var bytes float64
	for _, note := range notes(u.log, "checkpoint") {
		bytes += note.Bytes
	}
	return bytes, nil
}

// firstLines copies so many lines.
func firstLines(from, to string, lines int) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	var b bytes.Buffer
	for s := bufio.NewScanner(f); lines > 0 && s.Scan(); lines-- {
		b.Write(append(s.Bytes(), '\n'))
	}
	return os.WriteFile(to, b.Bytes(), 0o644)
}

// note is a line of the log of a pipeline.
type note struct {
	Time   time.Time `json:"time"`
	Msg    string    `json:"msg"`
	Micros int64     `json:"µs"`
	Bytes  float64   `json:"bytes"`
}

// notes returns the lines of a log that say something.
func notes(log, what string) []note {
	var found []note
	for line := range strings.Lines(log) {
		var n note
		if json.Unmarshal([]byte(line), &n) == nil && n.Msg == what {
			found = append(found, n)
		}
	}
	return found
}

// reopened measures a start from the checkpoint of state in Pebble.
func reopened(w *workshop) ([]Figure, error) { return starts(w, "pebble/reopened", "bench/many.flow") }

// converted measures the start of a later release, which has to convert all that was
// saved, sooner or later.
func converted(w *workshop) ([]Figure, error) {
	return starts(w, "pebble/converted", "bench/manylater.flow")
}

// starts measures how long the program in next takes, from the beginning of the process
// to where the job takes its first record, from a checkpoint of bench/many.flow with
// its state in Pebble.
func starts(w *workshop, name, next string) ([]Figure, error) {
	first, err := w.flowProgram("bench/many.flow")
	if err != nil {
		return nil, err
	}
	bin, err := w.flowProgram(next)
	if err != nil {
		return nil, err
	}
	args := withPebble("", "", 256).args
	again := slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "--fresh" })
	again = append(again, "--log-level", "debug", "--log-format", "json")
	var figures []Figure
	for _, keys := range []int{w.keys / 100, w.keys / 10, w.keys} {
		in, err := manyInput(keys)
		if err != nil {
			return nil, err
		}
		var taken []usage
		for range w.rounds {
			room, err := w.room(in)
			if err != nil {
				return nil, err
			}
			defer os.RemoveAll(room)
			if _, err := launch(first, room, args); err != nil {
				return nil, err
			}
			u, err := launch(bin, room, again)
			if err != nil {
				return nil, fmt.Errorf("with %d keys: %w", keys, err)
			}
			begun := notes(u.log, "the job begins")
			if len(begun) != 1 {
				return nil, fmt.Errorf("with %d keys: the job begins %d times", keys, len(begun))
			}
			u.clock = begun[0].Time.Sub(u.start)
			taken = append(taken, u)
		}
		size := strconv.FormatFloat(float64(keys), 'g', -1, 64)
		figures = append(figures, against(name+"/"+size, float64(median(taken, true).Microseconds())/1000, 20, "ms", w.rounds))
	}
	return figures, nil
}
