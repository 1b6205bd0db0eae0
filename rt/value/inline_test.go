package value_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestFastPathsInline asks the compiler whether what generated code calls for
// every record is inlined: a call would cost more than the operation.
func TestFastPathsInline(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, name := range []string{
		"Failed", "AddInt", "SubInt", "MulInt", "DivInt", "ModInt", "NegInt", "AbsInt",
		"AddInt32", "SubInt32", "MulInt32", "DivInt32", "ModInt32", "NegInt32", "AbsInt32", "IntToInt32",
		"DivFloat", "DivFloat32", "FloatToInt", "Float32ToInt",
		"AddTime", "SubTime", "AddDuration", "SubDuration", "NegDuration", "AbsDuration",
		"DivDurationInt", "DivDuration", "ModDuration", "Truncate", "Enter", "Leave",
	} {
		if !strings.Contains(string(out), "can inline (*Fault)."+name+"\n") {
			t.Errorf("Fault.%s is not inlined", name)
		}
	}
}
