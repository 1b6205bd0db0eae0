package main

import (
	"bufio"
	"fmt"
	"math/bits"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// inputVersion is part of the name of a cached input; it changes with what
// events writes.
const inputVersion = 1

// input returns the path of a file of events as JSON lines, about 175 bytes
// each, of the given number of users, which are drawn evenly. It is written once and kept in the
// folder for temporary files, since a run of the benchmarks needs it again.
func input(rows, users int) (string, error) {
	return kept(fmt.Sprintf("events-v%d-%d-rows-%d-users.jsonl", inputVersion, rows, users), rows, func(b []byte, n uint64) []byte {
		user, _ := bits.Mul64(splitmix(n), uint64(users))
		return appendEvent(b, n, user)
	})
}

// recentInput is input where users come and go: each has sixteen events or so close
// together, but one event in twenty is of any user that there was.
func recentInput(rows int) (string, error) {
	return kept(fmt.Sprintf("events-v%d-%d-rows-recent.jsonl", inputVersion, rows), rows, func(b []byte, n uint64) []byte {
		newest, random := n/perUser, splitmix(^n)
		user := newest - min(newest, random%64)
		if random>>32%20 == 0 {
			user, _ = bits.Mul64(splitmix(random), newest+1)
		}
		return appendEvent(b, n, user)
	})
}

// perUser is how many events a user of recentInput has, about.
const perUser = 16

// manyInput is one small event of each of so many users, whose names have 16 bytes.
func manyInput(users int) (string, error) {
	return kept(fmt.Sprintf("many-v%d-%d.jsonl", inputVersion, users), users, func(b []byte, n uint64) []byte {
		return fmt.Appendf(b, `{"user":"user-%011d","price":%d}`+"\n", n, splitmix(n)%10_000)
	})
}

// someInput is small events as those of manyInput, of users that are drawn evenly.
func someInput(rows, users int) (string, error) {
	return kept(fmt.Sprintf("some-v%d-%d-of-%d.jsonl", inputVersion, rows, users), rows, func(b []byte, n uint64) []byte {
		user, _ := bits.Mul64(splitmix(^n), uint64(users))
		return fmt.Appendf(b, `{"user":"user-%011d","price":%d}`+"\n", user, splitmix(n)%10_000)
	})
}

// kept returns the path of a file of so many lines, which it makes if there is none.
func kept(name string, rows int, line func(b []byte, n uint64) []byte) (string, error) {
	dir := filepath.Join(os.TempDir(), "flowc-bench")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name())
	w := bufio.NewWriterSize(f, 1<<20)
	for n := range rows {
		if _, err := w.Write(line(w.AvailableBuffer(), uint64(n))); err != nil {
			return "", err
		}
	}
	if err := w.Flush(); err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	return path, os.Rename(f.Name(), path)
}

// appendEvent appends event number n of a user. All else depends on n alone; half
// of the events are paid.
func appendEvent(b []byte, n, user uint64) []byte {
	start := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	more := splitmix(splitmix(n))
	b = fmt.Appendf(b, `{"id":%d,"user":"u%07d","price":%d,"temp":`, n, user, more%10_000)
	b = strconv.AppendFloat(b, float64(int64(more>>20%5000)-1000)/100, 'f', -1, 64)
	b = fmt.Appendf(b, `,"channel":"channel-%d","url":"https://www.nexmark.com/%s/%s/item.htm?query=1","at":"%s","paid":%t}`,
		more>>40%10_000, letters(more, 4), letters(more>>20, 3),
		start.Add(time.Duration(n)*time.Millisecond).Format(time.RFC3339Nano), more>>63 == 1)
	return append(b, '\n')
}

// letters makes n letters of the low bits of x.
func letters(x uint64, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte(x%26)
		x /= 26
	}
	return b
}

// splitmix is the output function of SplitMix64: numbers that look random, one
// for each n.
//
// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators",
// OOPSLA 2014.
func splitmix(n uint64) uint64 {
	z := (n + 1) * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
