package value_test

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/flow-lang/flowc/rt/value"
)

// TestCloneTexts is not parallel, as it counts allocations.
func TestCloneTexts(t *testing.T) {
	for _, texts := range [][]string{{"", ""}, {"a", "", "bc"}, {strings.Repeat("x", 300), "y"}} {
		got := append([]string(nil), texts...)
		var all []*string
		for i := range got {
			all = append(all, &got[i])
		}
		value.CloneTexts(all...)
		for i, want := range texts {
			if got[i] != want {
				t.Errorf("text %d is %q, want %q", i, got[i], want)
			}
			if want != "" && unsafe.StringData(got[i]) == unsafe.StringData(want) {
				t.Errorf("text %d is not copied", i)
			}
		}
	}
	line := strings.Repeat("z", 40)
	a, b := line[:20], line[20:]
	if n := testing.AllocsPerRun(100, func() { value.CloneTexts(&a, &b) }); n > 1 {
		t.Errorf("two short texts take %v allocations, want 1", n)
	}
}
