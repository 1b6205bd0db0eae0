package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/flow-lang/flowc/bench/nexmark/event"
)

// nexmark holds queries of Nexmark against loops written by hand. Those with
// windows take a checkpoint each second, which the loops do not.
var nexmark = []measurement{
	contestOf("nexmark/q0", nexmarkContest("q0", 0.9)),
	contestOf("nexmark/q1", nexmarkContest("q1", 0.9)),
	contestOf("nexmark/q2", nexmarkContest("q2", 0.9)),
	contestOf("nexmark/q14", nexmarkContest("q14", 0.9)),
	contestOf("nexmark/q21", nexmarkContest("q21", 0.9)),
	contestOf("nexmark/q22", nexmarkContest("q22", 0.9)),
	contestOf("nexmark/q5", nexmarkContest("q5", 0.85, everySecond...)),
	contestOf("nexmark/q7", nexmarkContest("q7", 0.85, everySecond...)),
	contestOf("nexmark/q8", longer(nexmarkContest("q8", 0.85, everySecond...))),
	contestOf("nexmark/q11", nexmarkContest("q11", 0.85, everySecond...)),
	contestOf("nexmark/q5, two shards", contest{
		nexmark:    true,
		candidates: []candidate{nexmarkFlow("q5", "1"), nexmarkFlow("q5", "2"), twice(nexmarkFlow("q5", "1"))},
		comparisons: []comparison{
			{name: "nexmark/q5, two shards", against: "one shard", of: "2", to: "1", clock: true, goal: 1.6},
			{name: "nexmark/q5, two jobs side by side", against: "one job", of: "two of 1", to: "1", clock: true},
		},
	}),
}

// twice is two of a candidate at once: as much as the machine's cores do for two that
// share nothing is what two shards could gain.
func twice(c candidate) candidate {
	c.name, c.copies = "two of "+c.name, 2
	return c
}

var everySecond = []string{"--fresh", "--checkpoint-to", "checkpoints", "--checkpoint-interval", "1s"}

func nexmarkContest(query string, goal float64, flags ...string) contest {
	byHand := hand("hand loop", "./bench/hand/nexmark")
	byHand.args = []string{query}
	pipeline := nexmarkFlow(query, "1")
	pipeline.name, pipeline.args = "flow", append(pipeline.args, flags...)
	return contest{
		nexmark:     true,
		candidates:  []candidate{byHand, pipeline},
		comparisons: []comparison{{name: "nexmark/" + query, against: "hand loop", of: "flow", to: "hand loop", goal: goal}},
	}
}

// longer is a contest over four times as many events, for a query that reads few of
// them.
func longer(c contest) contest {
	c.times = 4
	return c
}

// nexmarkFlow is a query on so many shards, and called by their number.
func nexmarkFlow(query, shards string) candidate {
	return flow(shards, filepath.Join("bench", "nexmark", query+".flow"), shards)
}

// nexmarkInput returns a folder with the first so many events, which it keeps as
// input does.
func nexmarkInput(events int) (string, error) {
	dir := filepath.Join(os.TempDir(), "flowc-bench", fmt.Sprintf("nexmark-v%d-%d", inputVersion, events))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	made, err := os.MkdirTemp(filepath.Dir(dir), "new-*")
	if err != nil {
		return "", err
	}
	if err := (event.Stream{Seed: 1, Rate: 10_000}).Write(made, int64(events)); err != nil {
		return "", err
	}
	return dir, os.Rename(made, dir)
}
