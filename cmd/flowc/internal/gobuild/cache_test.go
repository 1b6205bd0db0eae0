package gobuild

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPrune(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Now()
	put := func(name string, age time.Duration) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	put("rt-old", maxAge+time.Hour)
	put("rt-new", maxAge-time.Hour)
	put("work-at-work", workAge/2)
	put("work-left", 2*workAge)
	put("log-1.txt", maxAge+time.Hour)
	put("notes.txt", maxAge+time.Hour) // not ours
	for i := range maxBinaries + 2 {
		put(fmt.Sprintf("bin-%03d", i), 2*minAge+time.Duration(i)*time.Minute)
	}
	put("bin-in-use", 0)

	prune(dir, now)

	want := []string{"bin-in-use"}
	for i := range maxBinaries {
		want = append(want, fmt.Sprintf("bin-%03d", i))
	}
	want = append(want, "notes.txt", "rt-new", "work-at-work")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, e := range entries {
		got[e.Name()] = true
	}
	wanted := map[string]bool{}
	for _, name := range want {
		wanted[name] = true
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("after prune the cache holds (-want +got):\n%s", diff)
	}
}

func TestProgramModule(t *testing.T) {
	t.Parallel()
	rt := &Runtime{
		files: map[string][]byte{
			"rt/rt.go":            []byte("package rt\n"),
			"rt/connector/far.go": []byte("package connector\n\nimport _ \"example.com/far/v2/client\"\n"),
		},
		mod: parseMod("module m\n\ngo 1.26\n\nrequire example.com/far/v2 v2.0.1\n\nrequire (\n\texample.com/near v0.3.0 // indirect\n)\n"),
		sum: []byte("sums\n"),
	}
	const plain = modHeader + "module flow/pipeline\n\ngo 1.26\n\n" +
		"require github.com/flow-lang/flowc v0.0.0\n\nreplace github.com/flow-lang/flowc => ../rt\n"
	tests := []struct {
		name, code string
		want       map[string][]byte
	}{
		{
			name: "the runtime alone needs no other module",
			code: "package p\n\nimport _ \"github.com/flow-lang/flowc/rt\"\n",
			want: map[string][]byte{"go.mod": []byte(plain)},
		},
		{
			name: "a connector brings what the runtime requires",
			code: "package p\n\nimport _ \"github.com/flow-lang/flowc/rt/connector\"\n",
			want: map[string][]byte{
				"go.mod": []byte(plain + "\nrequire (\n\texample.com/far/v2 v2.0.1\n\texample.com/near v0.3.0\n)\n"),
				"go.sum": []byte("sums\n"),
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := rt.programModule(map[string][]byte{"p.go": []byte(tt.code)}, "../rt", nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("programModule (-want +got):\n%s", diff)
			}
		})
	}
}
