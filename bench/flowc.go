package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const temperature = "examples/temperature.flow"

// checkTime measures flowc check, from its start to its end.
func checkTime(w *workshop) ([]Figure, error) {
	var taken []usage
	for range w.rounds {
		u, err := launch(w.flowc, w.root, []string{"check", temperature})
		if err != nil {
			return nil, err
		}
		taken = append(taken, u)
	}
	ms := float64(median(taken, true).Microseconds()) / 1000
	return []Figure{against("check/temperature", ms, 50, "ms", w.rounds)}, nil
}

// runAfterEdit measures how long flowc run takes to the first byte of output
// when the program has changed since the last time.
func runAfterEdit(w *workshop) ([]Figure, error) {
	dir, err := os.MkdirTemp(w.dir, "edit-")
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS("examples")); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, temperature)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var taken []usage
	for round := range w.rounds + 1 {
		// A threshold that no other run had: caches must not know the program.
		edit := fmt.Sprintf("threshold: 3.%09d", time.Now().Nanosecond())
		changed := bytes.Replace(text, []byte("threshold: 3.0"), []byte(edit), 1)
		if bytes.Equal(changed, text) {
			return nil, fmt.Errorf("%s has no threshold to edit", temperature)
		}
		if err := os.WriteFile(path, changed, 0o644); err != nil {
			return nil, err
		}
		u, err := firstByte(exec.Command(w.flowc, "run", temperature), dir)
		if err != nil {
			return nil, err
		}
		if round > 0 { // the first run is not the second
			taken = append(taken, u)
		}
	}
	s := float64(median(taken, true).Milliseconds()) / 1000
	return []Figure{against("run-after-edit/temperature", s, 2.5, "s", w.rounds)}, nil
}

// firstByte measures from the start of cmd to the first byte it writes.
func firstByte(cmd *exec.Cmd, dir string) (usage, error) {
	var stderr bytes.Buffer
	cmd.Dir, cmd.Stderr = dir, &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return usage{}, err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return usage{}, err
	}
	r := bufio.NewReader(out)
	_, readErr := r.ReadByte()
	clock := time.Since(start)
	if _, err := r.WriteTo(&bytes.Buffer{}); err != nil {
		return usage{}, err
	}
	if err := cmd.Wait(); err != nil || readErr != nil {
		return usage{}, fmt.Errorf("%v printed nothing or failed: %w\n%s", cmd.Args, err, stderr.Bytes())
	}
	return usage{clock: clock}, nil
}

// binarySize measures the binary of the temperature program.
func binarySize(w *workshop) ([]Figure, error) {
	bin, err := w.flowProgram(temperature)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(bin)
	if err != nil {
		return nil, err
	}
	return []Figure{against("binary/temperature", float64(info.Size()/1e4)/100, 12, "MB", 1)}, nil
}

// against is a figure held against a limit.
func against(name string, value, limit float64, unit string, rounds int) Figure {
	return Figure{
		Name: name, Against: fmt.Sprintf("limit of %g %s", limit, unit), Ratio: round(value / limit), Goal: 1,
		Better: "lower", Value: value, Base: limit, Unit: unit, Rounds: rounds,
	}
}
