package lang_test

import (
	"reflect"
	"runtime"
	"testing"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
)

// seeds adds the corpus and pieces of broken text.
func seeds(f *testing.F) {
	for _, text := range corpus(f) {
		f.Add(text)
	}
	for _, text := range []string{
		"", "\ufeffpipeline p", "pipeline p\r\nrecord A { x: int }\r\n", "pipeline p\nfunc f() -> int = \"${\"${\"${",
		"pipeline p\nfunc f() = `", "pipeline p\noperator o { on x { emit", "{[(<}])>", "pipeline p\nrecord A<", "\"\\", "t\"", "b\"\\x",
		"pipeline p\nstream a = b |> c(", "pipeline p\nfunc f() = 1e9999d", "pipeline p\nfunc f() = a<b>(c)", "0x", "1.", "/*", "//",
		"pipeline p\nfunc f() = if a { b } else if", "pipeline p\nfunc f() = match a { b | => }", "pipeline p\nrecord A {;,\n}",
	} {
		f.Add(text)
	}
}

func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		var report diag.List
		var file *lang.File
		frugal(t, len(text), func() { file = lang.Parse("fuzz.flow", text, &report) })
		if file == nil {
			t.Fatal("Parse gives no file")
		}
		for _, d := range report.Sorted() {
			if s := d.Span; s.Start.Line < 1 || s.Start.Column < 1 || s.Start.Offset > s.End.Offset || s.End.Offset > len(text) {
				t.Errorf("%s %q has a bad span: %+v", d.Code, d.Message, s)
			}
			if d.Message == "" {
				t.Errorf("%s has no message", d.Code)
			}
		}
		checkWhole(t, reflect.ValueOf(file), len(text))
		dump(file)
	})
}

func FuzzFormat(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		var report diag.List
		lang.Parse("fuzz.flow", text, &report)
		if report.HasErrors() {
			return
		}
		frugal(t, len(text), func() { lang.FormatSource("fuzz.flow", text, &report) })
		checkFormat(t, "fuzz.flow", text, 100)
		checkFormat(t, "fuzz.flow", text, 30)
	})
}

// most is what one text may make a stage allocate, in bytes, whether or not they
// are freed again: so it never has more at one time.
const most = 64 << 20

// frugal runs a stage on a text of size bytes and holds it to most.
func frugal(t *testing.T, size int, stage func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	stage()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > most {
		t.Errorf("a text of %d bytes takes %d MiB", size, took>>20)
	}
}
