// Package reliability is what the tests of the runtime's promises share: how much
// each does, where it notes what it has done, and the seeds that once failed.
//
// A test runs in one of three tiers, which the environment variable FLOW_TIER
// names: quick, which is the default and part of go test ./..., gate, which is what
// a change must pass, and long. With FLOW_RELIABILITY it adds a line to the file of
// that name. The file reliability.json of this module holds the lines that the
// documentation shows; go run ./reliability/page writes them there.
package reliability

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// TB is what the package needs of a test.
type TB interface {
	Helper()
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Tier returns the tier that tests run in.
func Tier() string {
	switch tier := os.Getenv("FLOW_TIER"); tier {
	case "gate", "long":
		return tier
	default:
		return "quick"
	}
}

// Size returns how much a test does in the tier at hand.
func Size(quick, gate, long int) int {
	switch Tier() {
	case "gate":
		return gate
	case "long":
		return long
	default:
		return quick
	}
}

// FirstSeed returns the first seed: FLOW_SEED, or 0. A long run gives another each
// time.
func FirstSeed(t TB) uint64 {
	t.Helper()
	given := os.Getenv("FLOW_SEED")
	if given == "" {
		return 0
	}
	seed, err := strconv.ParseUint(given, 10, 64)
	if err != nil {
		t.Fatalf("FLOW_SEED: %v", err)
	}
	return seed
}

// Count is how many there were of something.
type Count struct {
	Name string // plural: "seeds"
	N    int64
}

// Line is what a test has done.
type Line struct {
	Test   string // as the plan calls it: "T1"
	Tier   string
	Counts []Count
	Bad    int64 // how often a promise was broken
}

// MarshalJSON writes one flat object, the counts in their order.
func (l Line) MarshalJSON() ([]byte, error) {
	b := fmt.Appendf(nil, `{"test":%q,"tier":%q`, l.Test, l.Tier)
	for _, c := range l.Counts {
		b = fmt.Appendf(b, `,%q:%d`, c.Name, c.N)
	}
	return fmt.Appendf(b, `,"bad":%d}`, l.Bad), nil
}

// UnmarshalJSON reads what MarshalJSON has written.
func (l *Line) UnmarshalJSON(text []byte) error {
	*l = Line{}
	in := json.NewDecoder(bytes.NewReader(text))
	if _, err := in.Token(); err != nil {
		return err
	}
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return err
		}
		var to any
		var n int64
		switch name {
		case "test":
			to = &l.Test
		case "tier":
			to = &l.Tier
		case "bad":
			to = &l.Bad
		default:
			to = &n
		}
		if err := in.Decode(to); err != nil {
			return fmt.Errorf("%v: %w", name, err)
		}
		if to == any(&n) {
			l.Counts = append(l.Counts, Count{fmt.Sprint(name), n})
		}
	}
	return nil
}

// Note notes what a test has done, in the tier at hand.
func Note(t TB, test string, bad int, counts ...Count) {
	t.Helper()
	line := Line{Test: test, Tier: Tier(), Counts: counts, Bad: int64(bad)}
	text, err := json.Marshal(line)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Logf("%s", text)
	path := os.Getenv("FLOW_RELIABILITY")
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err == nil {
		_, err = f.Write(append(text, '\n')) // at once, as several tests may write
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatalf("FLOW_RELIABILITY: %v", err)
	}
}

// Read reads the lines of a file. Of those of one test and tier the last counts.
func Read(path string) ([]Line, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read
	var lines []Line
	at := map[[2]string]int{}
	for in := bufio.NewScanner(f); in.Scan(); {
		var l Line
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		id := [2]string{l.Test, l.Tier}
		if i, has := at[id]; has {
			lines[i] = l
			continue
		}
		at[id] = len(lines)
		lines = append(lines, l)
	}
	return lines, nil
}

// keptPath is the file of the seeds with which a test has failed.
func keptPath(test string) string { return filepath.Join("testdata", "regress", test) }

// Kept returns the seeds with which a test of the package at hand has failed once,
// to be run first.
func Kept(t TB, test string) []uint64 {
	t.Helper()
	text, err := os.ReadFile(keptPath(test))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatalf("%v", err)
	}
	var seeds []uint64
	for line := range strings.Lines(string(text)) {
		number, _, _ := strings.Cut(line, "#")
		if number = strings.TrimSpace(number); number == "" {
			continue
		}
		seed, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", keptPath(test), err)
		}
		seeds = append(seeds, seed)
	}
	return seeds
}

// Keep adds a seed to those that are run first, with why it failed, and fails the
// test.
func Keep(t TB, test string, seed uint64, why error) {
	t.Helper()
	path := keptPath(test)
	reason, _, _ := strings.Cut(why.Error(), "\n")
	err := os.MkdirAll(filepath.Dir(path), 0o777)
	if err == nil {
		var f *os.File
		if f, err = os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666); err == nil {
			_, err = fmt.Fprintf(f, "%d # %s\n", seed, reason)
			err = errors.Join(err, f.Close())
		}
	}
	if err != nil {
		t.Logf("the seed is not kept: %v", err)
	}
	t.Fatalf("seed %d, which %s keeps from now on: %v", seed, path, why)
}
