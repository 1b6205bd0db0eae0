//go:build unix

package flowc_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/reliability"
)

// packedInner and packedRow are the records of sdks/packed.flow, as lines of JSON.
type packedInner struct {
	On   bool  `json:"on"`
	Size int32 `json:"size"`
}

type packedRow struct {
	ID     string          `json:"id"`
	N      int64           `json:"n"`
	Small  int32           `json:"small"`
	Ratio  float64         `json:"ratio"`
	Part   float32         `json:"part"`
	On     bool            `json:"on"`
	At     time.Time       `json:"at"`
	Day    string          `json:"day"`
	Span   string          `json:"span"`
	Level  string          `json:"level"`
	Raw    []byte          `json:"raw"`
	Any    json.RawMessage `json:"any"`
	Note   *string         `json:"note"`
	Most   *int64          `json:"most"`
	Inner  packedInner     `json:"inner"`
	Maybe  *packedInner    `json:"maybe"`
	Tags   []string        `json:"tags"`
	Sizes  []int64         `json:"sizes"`
	Smalls []int32         `json:"smalls"`
	Ratios []float64       `json:"ratios"`
	Parts  []float32       `json:"parts"`
	Flags  []bool          `json:"flags"`
	Levels []string        `json:"levels"`
	Times  []time.Time     `json:"times"`
	More   []packedInner   `json:"more"`
}

// line is a record as a line, as which member of a union, unless that is "".
func line(t *testing.T, member string, record any) string {
	t.Helper()
	text, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	if member == "" {
		return string(text)
	}
	return fmt.Sprintf(`{"$type":%q,%s`, member, text[1:])
}

// some makes a list of less than four elements.
func some[T any](r *rand.Rand, one func() T) []T {
	list := make([]T, r.IntN(4))
	for i := range list {
		list[i] = one()
	}
	return list
}

// may makes what may be missing.
func may[T any](r *rand.Rand, one func() T) *T {
	if r.IntN(2) == 0 {
		return nil
	}
	v := one()
	return &v
}

// pick returns one of several.
func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// newPackedRow makes up a record, of whose fields many are zero or at a bound.
func newPackedRow(r *rand.Rand) *packedRow {
	whole := func() int64 { return pick(r, 0, 1, -1, int64(r.Uint64()), 1<<63-1, -1<<63) }
	small := func() int32 { return pick(r, 0, 1, -1, int32(r.Uint32()), 1<<31-1, -1<<31) }
	float := func() float64 { return pick(r, 0, 0.5, -1e300, r.NormFloat64()) }
	part := func() float32 { return pick(r, 0, 0.25, -1e30, r.Float32()) }
	level := func() string { return pick(r, "low", "middle", "high") }
	flag := func() bool { return r.IntN(2) == 0 }
	text := func() string { return pick(r, "", "a", "zwölf\n\"", strings.Repeat("long ", 60)) }
	at := func() time.Time { return time.UnixMicro(pick(r, 0, -1, r.Int64N(4e15))).UTC() }
	inner := func() packedInner { return packedInner{flag(), small()} }
	return &packedRow{
		ID: fmt.Sprint("id ", r.IntN(20)), N: r.Int64N(1000), Small: small(), Ratio: float(), Part: part(), On: flag(), At: at(),
		Day: pick(r, "1970-01-01", "1969-12-31", "0001-01-01", "9999-12-31"), Span: pick(r, "0s", "1us", "-1us", "2d3h", "1m30s"),
		Level: level(), Raw: []byte(text()), Any: json.RawMessage(pick(r, "null", "0", `{"a":[1,"b"]}`)), Note: may(r, text), Most: may(r, whole),
		Inner: inner(), Maybe: may(r, inner), Tags: some(r, text), Sizes: some(r, whole), Smalls: some(r, small), Ratios: some(r, float),
		Parts: some(r, part), Flags: some(r, flag), Levels: some(r, level), Times: some(r, at), More: some(r, inner),
	}
}

// TestSDKProtobuf exchanges protocol buffers with functions that official SDKs
// serve: arguments, messages, values of state and what they give are what they were.
func TestSDKProtobuf(t *testing.T) {
	dir, binary := sdkProgram(t, "packed")
	random := rand.New(rand.NewPCG(reliability.FirstSeed(t), 11))
	rows := make([]*packedRow, reliability.Size(500, 2000, 20_000))
	for i := range rows {
		rows[i] = newPackedRow(random)
	}
	input, want, wantSent := echoed(t, rows)
	for _, sdk := range sdks {
		t.Run(sdk.name, func(t *testing.T) {
			needSDK(t, dir, sdk.name)
			run := exec.Command(binary, "--quiet", "--param", "endpoint="+serveExample(t, ".", sdk.start(dir)...))
			var stderr strings.Builder
			run.Dir, run.Stdin, run.Stderr = t.TempDir(), strings.NewReader(input), &stderr
			out, err := run.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, stderr.String())
			}
			bad := 0
			if diff := cmp.Diff(want, sorted(string(out))); diff != "" {
				bad++
				t.Errorf("what came back (-want +got):\n%.4000s", diff)
			}
			if diff := cmp.Diff(wantSent, sortedLines(t, filepath.Join(run.Dir, "relayed.jsonl"))); diff != "" {
				bad++
				t.Errorf("what an operator was sent (-want +got):\n%.4000s", diff)
			}
			reliability.Note(t, "SDK protobuf "+sdk.name, bad, reliability.Count{Name: "records", N: int64(len(rows))}, reliability.Count{Name: "records given", N: int64(len(want))}, reliability.Count{Name: "records sent", N: int64(len(wantSent))})
		})
	}
}

// echoed returns the lines of records, what must come of them, and what of that is
// sent to an operator, sorted.
func echoed(t *testing.T, rows []*packedRow) (input string, want, sent []string) {
	t.Helper()
	type tally struct {
		ID    string     `json:"id"`
		Calls int        `json:"calls"`
		Last  *packedRow `json:"last"`
	}
	tallies := map[string]*tally{}
	var in strings.Builder
	for _, r := range rows {
		in.WriteString(line(t, "", r) + "\n")
		for again := true; again; {
			k := tallies[r.ID]
			if k == nil {
				k = &tally{ID: r.ID}
				tallies[r.ID] = k
			}
			k.Calls++
			want = append(want, line(t, "Packed", r), line(t, "Tally", k))
			sent = append(sent, line(t, "", r.Inner))
			k.Last = r
			if again = r.N%2 != 0; again {
				next := *r
				next.N, next.ID = r.N+1, r.ID+"+"
				r = &next
			}
		}
	}
	slices.Sort(want)
	slices.Sort(sent)
	return in.String(), want, sent
}
