package typecheck_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// programs returns the texts of all goldens of the parser and the checker.
func programs(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, dir := range []string{"check", "parse", "fmt"} {
		paths, err := filepath.Glob(filepath.Join("..", "golden", dir, "*.txtar"))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			if filepath.Base(p) == "e_too_large.txtar" {
				continue // works as long as a program may
			}
			text, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range txtar.Parse(text).Files {
				if strings.HasSuffix(f.Name, ".flow") {
					out = append(out, string(f.Data))
				}
			}
		}
	}
	return out
}

// survives checks a text that may be anything. It must not panic, and a program
// without an error must be whole.
func survives(t *testing.T, text string) {
	t.Helper()
	var report diag.List
	file := lang.Parse("in.flow", text, &report)
	files := typecheck.Files{Main: file}
	if file.Kind == lang.LibraryFile {
		typecheck.CheckLibrary(files, &report)
		return
	}
	prog := typecheck.Check(files, &report)
	if report.HasErrors() {
		return
	}
	dump := ir.Dump(prog)
	if strings.Contains(dump, types.Of(types.Invalid).String()+">") || strings.Contains(dump, ": invalid") {
		t.Errorf("a program without an error is not whole:\n%s\n%s", text, dump)
	}
}

func FuzzCheck(f *testing.F) {
	for _, p := range programs(f) {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		survives(t, text)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > most {
			t.Errorf("a text of %d bytes takes %d MiB", len(text), took>>20)
		}
	})
}

// most is what one text may make the parser and the checker allocate, in bytes,
// whether or not they are freed again: so they never have more at one time.
const most = 64 << 20

// TestMutations checks programs with words left out, repeated, swapped
// or taken from another program: most of them parse, and mean something odd.
func TestMutations(t *testing.T) {
	t.Parallel()
	corpus := programs(t)
	words := regexp.MustCompile(`\w+|\s+|[^\w\s]`)
	var all []string
	for _, p := range corpus {
		all = append(all, words.FindAllString(p, -1)...)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		parts := words.FindAllString(corpus[rnd.IntN(len(corpus))], -1)
		for range 1 + rnd.IntN(3) {
			i, j := rnd.IntN(len(parts)), rnd.IntN(len(parts))
			switch rnd.IntN(4) {
			case 0:
				parts[i] = ""
			case 1:
				parts[i] += parts[i]
			case 2:
				parts[i], parts[j] = parts[j], parts[i]
			default:
				parts[i] = all[rnd.IntN(len(all))]
			}
		}
		survives(t, strings.Join(parts, ""))
	}
}
