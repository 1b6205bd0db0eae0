package loop_test

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/bench/hand/loop"
)

// marshal is encoding/json without escapes for HTML.
func marshal(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

func TestAppendFloat(t *testing.T) {
	t.Parallel()
	for _, x := range []float64{0, 5, -2.5, 0.1, 1e-6, 9.99e-7, 1e20, 1e21, -1.5e-300, math.MaxFloat64, math.SmallestNonzeroFloat64} {
		if diff := cmp.Diff(marshal(t, x), string(loop.AppendFloat(nil, x))); diff != "" {
			t.Errorf("AppendFloat(%g) (-want +got):\n%s", x, diff)
		}
	}
}

func TestAppendString(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "plain", `a "quoted" \ word`, "line\nend\x01", "<&>", "ü😀"} {
		var got string
		if err := json.Unmarshal(loop.AppendString(nil, []byte(s)), &got); err != nil {
			t.Errorf("AppendString(%q): %v", s, err)
		}
		if diff := cmp.Diff(s, got); diff != "" {
			t.Errorf("AppendString(%q) (-want +got):\n%s", s, diff)
		}
	}
}

func TestAppendTime(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{
		time.Unix(0, 0),
		time.Date(2024, 2, 29, 23, 59, 59, 123456000, time.UTC),
		time.Date(2024, 5, 1, 0, 0, 0, 100000000, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC),
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
	} {
		if diff := cmp.Diff(marshal(t, at.UTC()), string(loop.AppendTime(nil, at.UnixMicro()))); diff != "" {
			t.Errorf("AppendTime(%v) (-want +got):\n%s", at, diff)
		}
	}
}
