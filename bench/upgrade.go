package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// upgrade measures what it costs a later release that the state of very many keys, of
// which its input has a tenth, has to be converted: while it is, and afterwards. It is
// held against the same program on a state of its own that has gone through as much.
func upgrade(w *workshop) ([]Figure, error) {
	first, err := w.flowProgram("bench/many.flow")
	if err != nil {
		return nil, err
	}
	bin, err := w.flowProgram("bench/manylater.flow")
	if err != nil {
		return nil, err
	}
	keys, rows := w.keys, w.rows*severalSeconds
	u := upgraded{w: w, bin: bin}
	if u.in, err = someInput(rows, keys/10); err != nil {
		return nil, err
	}
	saved, err := manyInput(keys)
	if err != nil {
		return nil, err
	}
	own, err := u.saves(bin, saved)
	if err != nil {
		return nil, err
	}
	older, err := u.saves(first, saved)
	if err != nil {
		return nil, err
	}
	over, runs, err := u.convert(older)
	if err != nil {
		return nil, err
	}
	aged := own
	for range runs {
		if aged, _, _, err = u.goOn(aged); err != nil {
			return nil, err
		}
	}
	taken := map[string][]usage{}
	for range w.rounds {
		for _, from := range []string{own, older, aged, over} {
			took, left, err := u.run(from)
			if err != nil {
				return nil, err
			}
			if is := from == older; left != is {
				return nil, fmt.Errorf("that there are keys to convert at the end of a run is %t, not %t", left, is)
			}
			taken[from] = append(taken[from], took)
		}
	}
	const against = "the same, on its own state"
	return contest{times: severalSeconds, comparisons: []comparison{
		{name: "upgrade/converting", against: against, of: older, to: own, goal: 0.85},
		{name: "upgrade/converting, clock", against: against, of: older, to: own, clock: true, goal: 0.85},
		{name: "upgrade/converted", against: against, of: over, to: aged, goal: 0.97},
	}}.figures(w, taken), nil
}

// upgraded is the later release, and the input that it goes on with.
type upgraded struct {
	w       *workshop
	bin, in string
}

// saves returns a folder with the checkpoint of a release that has read an input.
func (u upgraded) saves(bin, in string) (string, error) {
	room, err := u.w.room(in)
	if err != nil {
		return "", err
	}
	_, err = launch(bin, room, withPebble("", "", 256).args)
	return room, err
}

// convert returns a folder with the checkpoint of a release that has converted all that
// an older one had left, and how many runs that took.
func (u upgraded) convert(from string) (room string, runs int, err error) {
	const most = 200
	for runs = 1; runs <= most; runs++ {
		var left bool
		if room, _, left, err = u.goOn(from); err != nil || !left {
			return room, runs, err
		}
		from = room
	}
	return "", most, fmt.Errorf("keys are not converted after %d runs", most)
}

// run goes on from the checkpoint in a folder, which it leaves as it is, to the end of
// the input, and says whether there are keys to convert then.
func (u upgraded) run(from string) (took usage, left bool, err error) {
	room, took, left, err := u.goOn(from)
	if room != "" {
		_ = os.RemoveAll(room) // with the others at the end, if not now
	}
	return took, left, err
}

// goOn is run in a folder that it leaves behind.
func (u upgraded) goOn(from string) (room string, took usage, left bool, err error) {
	if room, err = u.w.room(u.in); err != nil {
		return "", took, false, err
	}
	const checkpoints, out = "checkpoints", "out.jsonl"
	if err = os.CopyFS(filepath.Join(room, checkpoints), os.DirFS(filepath.Join(from, checkpoints))); err != nil {
		return room, took, false, err
	}
	text, err := os.ReadFile(filepath.Join(from, out))
	if err == nil {
		err = os.WriteFile(filepath.Join(room, out), text, 0o644)
	}
	if err != nil {
		return room, took, false, err
	}
	args := slices.DeleteFunc(withPebble("", "", 256).args, func(a string) bool { return a == "--fresh" })
	if took, err = launch(u.bin, room, append(args, "--reset-source", "events")); err != nil {
		return room, took, false, err
	}
	left, err = leftToConvert(filepath.Join(room, checkpoints))
	return room, took, left, err
}

// leftToConvert reports whether the newest checkpoint of a folder has keys that an older
// program has left.
func leftToConvert(dir string) (bool, error) {
	manifests, err := filepath.Glob(filepath.Join(dir, "checkpoint-*"))
	if err != nil || len(manifests) == 0 {
		return false, fmt.Errorf("%s has no checkpoint", dir)
	}
	text, err := os.ReadFile(slices.Max(manifests))
	return bytes.Contains(text, []byte(`"formers"`)), err
}
