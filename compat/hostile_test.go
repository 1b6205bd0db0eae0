package compat_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"testing"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/vfs"
)

// hostileJob is a program whose savepoint has files of all kinds of state, and
// one after it that converts them.
func hostileJob() (was, is *schema.Job) {
	str, num, wide := shape(schema.String), shape(schema.Int), shape(schema.Float)
	of := func(t schema.Type) *schema.Job {
		job := matrixJob()
		r := fields("R", field1("t", t), field1("all", wrap(schema.ListOf, str)), field1("set", wrap(schema.SetOf, num)))
		job.Operators[0].States = []schema.State{
			{Name: "v", Kind: schema.Value, Type: &r}, {Name: "l", Kind: schema.List, Type: &t}, {Name: "m", Kind: schema.Map, MapKey: &str, Type: &t},
		}
		job.Operators[0].Timers = []schema.Timer{{Name: "idle"}, {Name: "each", Index: &num}}
		return job
	}
	return of(shape(schema.Int32)), of(wide)
}

// copyDir copies a directory, each file as change makes it.
func copyDir(t testing.TB, files vfs.FS, from, to string, change func(name string, text []byte) (string, []byte)) {
	t.Helper()
	names, err := files.List(from)
	if err != nil {
		t.Fatal(err)
	}
	must(files.MkdirAll(to, 0o755))
	for _, name := range names {
		name, text := change(name, readFile(t, files, files.PathJoin(from, name)))
		if name == "" {
			continue
		}
		f, err := files.Create(files.PathJoin(to, name))
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Write(text)
		must(err)
		must(f.Close())
	}
}

func readFile(t testing.TB, files vfs.FS, name string) []byte {
	t.Helper()
	f, err := files.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	must(err)
	return text
}

// whole opens a savepoint as a restore does.
func whole(files vfs.FS, dir string) error {
	s, err := savepoint.Open(files, dir)
	if err != nil {
		return err
	}
	return s.Verify(nil)
}

// TestDamagedSavepoints flips bits of a savepoint, cuts its files off, takes some
// away, and gives one the name of another: each is refused before anything of it
// is used.
func TestDamagedSavepoints(t *testing.T) {
	t.Parallel()
	files := vfs.NewMem()
	was, _ := hostileJob()
	d := dice{rand.New(rand.NewPCG(3, 3))}
	must(save(files, "sp", was, d.fillState(was).records(was)))
	names, err := files.List("sp")
	must(err)
	n := 0
	damage := func(what string, change func(name string, text []byte) (string, []byte)) {
		n++
		dir := fmt.Sprintf("damaged-%d", n)
		copyDir(t, files, "sp", dir, change)
		if err := whole(files, dir); err == nil {
			t.Errorf("%s: nobody notices", what)
		}
		must(files.RemoveAll(dir))
	}
	for _, victim := range names {
		size := len(readFile(t, files, files.PathJoin("sp", victim)))
		on := func(change func([]byte) []byte) func(string, []byte) (string, []byte) {
			return func(name string, text []byte) (string, []byte) {
				if name == victim {
					text = change(bytes.Clone(text))
				}
				return name, text
			}
		}
		for range 120 {
			at, bit := d.IntN(size), byte(1)<<d.IntN(8)
			damage(fmt.Sprintf("%s, byte %d", victim, at), on(func(b []byte) []byte { b[at] ^= bit; return b }))
		}
		for range 30 {
			at := d.IntN(size)
			damage(fmt.Sprintf("%s, cut at %d", victim, at), on(func(b []byte) []byte { return b[:at] }))
		}
		damage(victim+" longer", on(func(b []byte) []byte { return append(b, 0) }))
		damage(victim+" gone", func(name string, text []byte) (string, []byte) {
			if name == victim {
				return "", nil
			}
			return name, text
		})
	}
	data := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == savepoint.ManifestName })
	for i := range data {
		other := data[(i+1)%len(data)]
		damage(data[i]+" and "+other+" swapped", func(name string, text []byte) (string, []byte) {
			switch name {
			case data[i]:
				return other, text
			case other:
				return data[i], text
			}
			return name, text
		})
	}
}

// forged gives a savepoint whose files were changed hashes and lengths that fit.
func forged(t testing.TB, files vfs.FS, from, to string, change func(name string, text []byte) []byte) {
	t.Helper()
	s, err := savepoint.Open(files, from)
	must(err)
	manifest := readFile(t, files, files.PathJoin(from, savepoint.ManifestName))
	for _, f := range s.Files {
		text := change(f.Name, readFile(t, files, files.PathJoin(from, f.Name)))
		sum := sha256.Sum256(text)
		manifest = bytes.Replace(manifest, []byte(f.SHA256), []byte(hex.EncodeToString(sum[:])), 1)
		length := regexp.MustCompile(`("name": "` + regexp.QuoteMeta(f.Name) + `"(?s:.*?)"length": )[0-9]+`)
		manifest = length.ReplaceAll(manifest, fmt.Appendf(nil, "${1}%d", len(text)))
	}
	sumAt := regexp.MustCompile(`"checksum": "sha256:[0-9a-f]{64}"`).FindIndex(manifest)
	digits := manifest[sumAt[1]-65 : sumAt[1]-1]
	copy(digits, bytes.Repeat([]byte("0"), 64))
	sum := sha256.Sum256(manifest)
	copy(digits, hex.EncodeToString(sum[:]))
	copyDir(t, files, from, to, func(name string, text []byte) (string, []byte) {
		if name == savepoint.ManifestName {
			return name, manifest
		}
		return name, change(name, text)
	})
}

// hostileRestore lets a program go on from what somebody has forged: an error or
// none, never a panic, and no more memory than the bytes ask for.
func hostileRestore(t testing.TB, files vfs.FS, dir string) {
	t.Helper()
	_, is := hostileJob()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := restore(files, dir, is, evolve.Hooks{}, 2, false, nil)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
		t.Errorf("a restore of a few kilobytes took %d bytes: %v", took, err)
	}
	_ = files.RemoveAll("after")
}

// TestForgedSavepoints restores savepoints whose bytes are not what a program
// writes, though every hash fits.
func TestForgedSavepoints(t *testing.T) {
	files := vfs.NewMem()
	was, _ := hostileJob()
	d := dice{rand.New(rand.NewPCG(5, 5))}
	must(save(files, "sp", was, d.fillState(was).records(was)))
	forged(t, files, "sp", "same", func(_ string, text []byte) []byte { return text })
	if err := whole(files, "same"); err != nil {
		t.Fatalf("the forger is not good enough: %v", err)
	}
	for i := range 150 {
		dir := fmt.Sprintf("forged-%d", i)
		forged(t, files, "sp", dir, func(_ string, text []byte) []byte {
			text = bytes.Clone(text)
			// Not the head of the file, which has its schema.
			for range 1 + i%4 {
				at := len(text) - 1 - int(uint(i*7919)%uint(len(text)/2))
				text[at] ^= byte(1 + i)
			}
			if i%3 == 0 {
				text = text[:len(text)-i%40]
			}
			return text
		})
		hostileRestore(t, files, dir)
	}
}

// FuzzForgedSavepoint is TestForgedSavepoints with any bytes in the place of any.
func FuzzForgedSavepoint(f *testing.F) {
	f.Add(uint8(0), uint16(20), []byte{0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Add(uint8(2), uint16(60), []byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01})
	f.Fuzz(func(t *testing.T, which uint8, back uint16, instead []byte) {
		files := vfs.NewMem()
		was, _ := hostileJob()
		d := dice{rand.New(rand.NewPCG(5, 5))}
		must(save(files, "sp", was, d.fillState(was).records(was)))
		s, err := savepoint.Open(files, "sp")
		must(err)
		victim := s.Files[int(which)%len(s.Files)].Name
		forged(t, files, "sp", "forged", func(name string, text []byte) []byte {
			if name != victim {
				return text
			}
			at := max(0, len(text)-int(back))
			return slices.Concat(text[:at], instead, text[min(len(text), at+len(instead)):])
		})
		hostileRestore(t, files, "forged")
	})
}
