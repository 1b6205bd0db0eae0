package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/bench/nexmark/event"
	"github.com/flow-lang/flowc/bench/nexmark/naive"
)

// events of the test; at 1,000 a second they last 50 s, which is five windows.
const events = 50_000

var stream = event.Stream{Seed: 7, Rate: 1000}

// updates names the queries that give a row again when it has changed, with the
// fields that say which row it is: their last rows are compared.
var updates = map[string][]string{"q4": {"category"}, "q18": {"auction", "bidder"}}

// Every query gives what the naive computation gives, on one shard and on two.
func TestQueries(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	flowc := filepath.Join(dir, "flowc")
	command(t, ".", "go", "build", "-o", flowc, "../../cmd/flowc")
	if err := stream.Write(dir, events); err != nil {
		t.Fatal(err)
	}
	var in naive.Input
	in.Persons, in.Auctions, in.Bids = stream.All(events)
	for name, query := range naive.Queries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bin := filepath.Join(dir, name)
			command(t, ".", flowc, "build", name+".flow", "-o", bin)
			want := lines(t, query(in))
			for _, shards := range []string{"1", "2"} {
				room := t.TempDir()
				for _, input := range []string{"persons", "auctions", "bids", "side"} {
					if err := os.Link(filepath.Join(dir, input+".jsonl"), filepath.Join(room, input+".jsonl")); err != nil {
						t.Fatal(err)
					}
				}
				command(t, room, bin, "--quiet", "--parallelism", shards)
				if diff := cmp.Diff(want, lines(t, result(t, room, updates[name]))); diff != "" {
					t.Errorf("on %s shards, %d rows wanted (-want +got):\n%.4000s", shards, len(want), diff)
				}
			}
		})
	}
}

// Every program has a naive computation, and the other way round.
func TestEveryQueryIsTested(t *testing.T) {
	t.Parallel()
	programs, err := filepath.Glob("q*.flow")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, p := range programs {
		want = append(want, strings.TrimSuffix(p, ".flow"))
	}
	for name := range naive.Queries {
		got = append(got, name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("queries (-programs +computations):\n%s", diff)
	}
}

func command(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// result reads what a query has written. With keys it keeps the last row of each.
func result(t *testing.T, room string, keys []string) (rows []naive.Row) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(room, "out.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for line := range bytes.Lines(text) {
		var row naive.Row
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&row); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		key := ""
		for _, k := range keys {
			key += fmt.Sprint(row[k], " ")
		}
		if i, ok := at[key]; ok && len(keys) > 0 {
			rows[i] = row
			continue
		}
		at[key] = len(rows)
		rows = append(rows, row)
	}
	return rows
}

// lines writes rows as sorted JSON.
func lines(t *testing.T, rows []naive.Row) []string {
	t.Helper()
	out := make([]string, len(rows))
	for i, r := range rows {
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = string(b)
	}
	slices.Sort(out)
	return out
}
