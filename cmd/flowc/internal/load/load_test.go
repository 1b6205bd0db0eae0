package load_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/cmd/flowc/internal/load"
	"github.com/flow-lang/flowc/lang/diag"
)

// TestReadNames calls flowc from several folders. The names that the stages see
// must not depend on it, and the names that are shown must lead to the files.
func TestReadNames(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"alone/app.flow":          "pipeline app\nimport \"lib/words.flow\"\n",
		"alone/lib/words.flow":    "library words\n",
		"own/a/app.flow":          "pipeline app\nimport \"stdlib/words.flow\"\n",
		"own/a/stdlib/words.flow": "library words\n",
		"many/flow.mod":           "",
		"many/a/app.flow":         "pipeline app\nimport \"../lib/words.flow\"\n",
		"many/lib/words.flow":     "library words\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, from, given string
		want              map[string]string // name in the stages: name shown
	}{
		{
			name: "beside the program", from: "alone", given: "app.flow",
			want: map[string]string{"app.flow": "app.flow", "lib/words.flow": "lib/words.flow"},
		},
		{
			name: "above the program", from: ".", given: "alone/app.flow",
			want: map[string]string{"app.flow": "alone/app.flow", "lib/words.flow": "alone/lib/words.flow"},
		},
		{
			name: "below the program", from: "alone/lib", given: "../app.flow",
			want: map[string]string{"app.flow": "../app.flow", "lib/words.flow": "../lib/words.flow"},
		},
		{
			name: "below a root", from: "many/a", given: "./app.flow",
			want: map[string]string{"a/app.flow": "./app.flow", "lib/words.flow": "../lib/words.flow"},
		},
		{
			name: "a folder called as the library's", from: "own", given: "a/app.flow",
			want: map[string]string{"app.flow": "a/app.flow", "stdlib/words.flow": "a/stdlib/words.flow"},
		},
		{
			name: "above a root", from: ".", given: "many/a/app.flow",
			want: map[string]string{"a/app.flow": "many/a/app.flow", "lib/words.flow": "many/lib/words.flow"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { // not in parallel: it changes the folder
			t.Chdir(filepath.Join(root, tt.from))
			var report diag.List
			p := load.Read(filepath.FromSlash(tt.given), &report)
			if got := report.Sorted(); len(got) > 0 {
				t.Fatalf("Read(%q) reports %v", tt.given, got)
			}
			got := map[string]string{}
			for name := range p.Texts {
				got[name] = filepath.ToSlash(p.Shown(name))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Read(%q) (-want +got):\n%s", tt.given, diff)
			}
			const ofLibrary = "stdlib/windows.flow"
			if got := p.Shown(ofLibrary); got != ofLibrary {
				t.Errorf("Shown(%q) = %q", ofLibrary, got)
			}
		})
	}
}
