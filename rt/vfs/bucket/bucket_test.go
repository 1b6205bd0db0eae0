package bucket_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	lives "github.com/flow-lang/flowc/golden/gen/lives"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/vfs"
	_ "github.com/flow-lang/flowc/rt/vfs/bucket"
)

// places are a bucket in memory and one of a server that speaks S3.
func places(t *testing.T) map[string]string {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	backend := s3mem.New()
	if err := backend.CreateBucket("jobs"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	return map[string]string{
		"mem": "mem://" + strings.ToLower(t.Name()) + "/a/b",
		"s3":  "s3://jobs/a/b?region=us-east-1&use_path_style=true&endpoint=" + server.URL,
	}
}

func at(t *testing.T, place string) (vfs.FS, string) {
	t.Helper()
	system, dir, err := vfs.At(vfs.NewMem(), place)
	if err != nil {
		t.Fatal(err)
	}
	return system, dir
}

func TestFiles(t *testing.T) {
	for name, place := range places(t) {
		t.Run(name, func(t *testing.T) {
			system, dir := at(t, place)
			if _, err := system.List(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("List() of nothing error = %v", err)
			}
			one := system.PathJoin(dir, "one")
			if err := vfs.WriteFile(system, one, []byte("1")); err != nil {
				t.Fatal(err)
			}
			if text, err := vfs.ReadFile(system, one); string(text) != "1" || err != nil {
				t.Errorf("ReadFile() = %q, %v", text, err)
			}
			if err := system.(vfs.Exclusive).PutNew(one, []byte("2")); !errors.Is(err, fs.ErrExist) {
				t.Errorf("PutNew() over a file error = %v", err)
			}
			if err := system.Link(one, system.PathJoin(dir, "deep", "two")); err != nil {
				t.Error(err)
			}
			if err := system.Rename(one, system.PathJoin(dir, "three")); err != nil {
				t.Error(err)
			}
			if names, err := system.List(dir); !slices.Equal(names, []string{"deep", "three"}) || err != nil {
				t.Errorf("List() = %q, %v", names, err)
			}
			if _, err := system.Open(one); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Open() of a file that was renamed error = %v", err)
			}
			if got := system.PathDir(system.PathJoin(dir, "deep", "two")); got != dir+"/deep" || system.PathBase(got) != "deep" {
				t.Errorf("PathDir() = %q", got)
			}
			if err := system.RemoveAll(dir); err != nil {
				t.Error(err)
			}
			if _, err := system.List(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("List() after RemoveAll() error = %v", err)
			}
		})
	}
}

// TestCheckpointsAndSavepoints: a job keeps its checkpoints in a bucket, is killed,
// goes on from there, and leaves a savepoint there that another goes on from.
func TestCheckpointsAndSavepoints(t *testing.T) {
	for name, place := range places(t) {
		t.Run(name, func(t *testing.T) {
			var rows strings.Builder
			for i := range 400 {
				fmt.Fprintf(&rows, `{"user":"u%d","page":"p%d","at":"2024-05-01T00:%02d:%02dZ","n":%d}`+"\n", i%7, i%3, i/60, i%60, i%11)
			}
			disk := vfs.NewMem()
			if err := vfs.WriteFile(disk, "in.jsonl", []byte(rows.String())); err != nil {
				t.Fatal(err)
			}
			with := func(dir string) string {
				base, query, _ := strings.Cut(place, "?")
				return base + "/" + dir + "?" + query
			}
			opts := rt.Options{FS: disk, Parallelism: 2, BlockSize: 1024, CheckpointTo: with("cp"), CheckpointInterval: 5_000_000, SavepointOnEnd: with("savepoint")}
			steps := 200
			if _, err := sim.Run(lives.Pipeline(), sim.Options{Job: opts, Crash: func() bool { steps--; return steps == 0 }}); !errors.Is(err, sim.ErrKilled) {
				t.Fatalf("the first start: %v", err)
			}
			if _, err := sim.Run(lives.Pipeline(), sim.Options{Seed: 1, Job: opts}); err != nil {
				t.Fatalf("the second start: %v", err)
			}
			system, dir := at(t, with("savepoint"))
			if names, err := system.List(dir); len(names) == 0 || err != nil {
				t.Fatalf("the savepoint has %q, %v", names, err)
			}
			opts.CheckpointTo, opts.SavepointOnEnd, opts.From = "", "", with("savepoint")
			if _, err := sim.Run(lives.Pipeline(), sim.Options{Seed: 2, Job: opts}); err != nil {
				t.Fatalf("from the savepoint: %v", err)
			}
		})
	}
}

// TestTakenOver: in a bucket nobody is kept out, but who comes later has it, and
// who was there before can add nothing.
func TestTakenOver(t *testing.T) {
	for name, place := range places(t) {
		t.Run(name, func(t *testing.T) {
			var logs []*checkpoint.Log
			for i := range 2 {
				store, err := checkpoint.OpenStore(vfs.NewMem(), place)
				if err != nil {
					t.Fatal(err)
				}
				log, err := checkpoint.Open(store, "someone", fmt.Sprint(i), func(error) {})
				if err != nil {
					t.Fatal(err)
				}
				if err := log.Claim(checkpoint.Claim{}); err != nil {
					t.Fatal(err)
				}
				logs = append(logs, log)
			}
			if err := logs[0].Commit(&checkpoint.Manifest{}); !errors.Is(err, checkpoint.ErrFenced) {
				t.Errorf("Commit() of the first error = %v", err)
			}
			if err := logs[1].Commit(&checkpoint.Manifest{}); err != nil {
				t.Errorf("Commit() of the second error = %v", err)
			}
		})
	}
}
