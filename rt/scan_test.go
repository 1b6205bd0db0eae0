package rt

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
)

// countedImage is an image that knows how many records it has.
type countedImage struct{ savedImage }

func (i *countedImage) Changes(int, int, int) int64 { return 0 }
func (i *countedImage) Count(string) int64          { return int64(len(i.records[0])) }

// TestScanTells holds that a scan says how far it is, of what, and when it ends, also
// if a value does not fit.
func TestScanTells(t *testing.T) {
	t.Parallel()
	str, num, small := schema.Type{Shape: schema.String}, schema.Type{Shape: schema.Int}, schema.Type{Shape: schema.Int32}
	jobOf := func(t *schema.Type) schema.Job {
		return schema.Job{Operators: []schema.Operator{{UID: "sums", Key: &str, States: []schema.State{{Name: "total", Kind: schema.Value, Type: t}}}}}
	}
	image := &countedImage{savedImage{
		state:   checkpoint.State{Job: jobOf(&num), Operators: []checkpoint.Operator{{UID: "sums"}}},
		records: make([][]state.Record, 1),
	}}
	const n = 2*scanEvery + 5
	for i := range n {
		image.records[0] = append(image.records[0], state.Record{Key: textOf(fmt.Sprint(i)), Value: avro.AppendInt(nil, i)})
	}
	scan := func() (got []Scan, err error) {
		job := &Job{spec: Spec{Job: jobOf(&small)}, opts: Options{Now: noon, Scanned: func(s Scan) { got = append(got, s) }}}
		_, err = job.evolved(image)
		return got, err
	}
	got, err := scan()
	want := []Scan{{"sums", scanEvery, n, false}, {"sums", 2 * scanEvery, n, false}, {"sums", n, n, true}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	image.records[0][scanEvery+1].Value = avro.AppendInt(nil, 1<<40)
	got, err = scan()
	if len(got) != 2 || !got[1].Done || err == nil || !strings.Contains(err.Error(), "1099511627776") {
		t.Errorf("%v: %v", got, err)
	}
}

// TestScanLines holds what is shown on a terminal and elsewhere.
func TestScanLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		live bool
		want string
	}{
		{"a terminal", true, "\r\x1b[Klooking whether the saved state fits: 10 of 40 values (25 %), step sums" +
			"\r\x1b[Klooking whether the saved state fits: 30 values, step sums\r\x1b[K"},
		{"a file", false, "looking whether the saved state fits: 30 values, step sums\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			now := time.Unix(0, 0)
			tell := scanTeller(&out, tt.live, func() time.Time { return now })
			at := func(d time.Duration, s Scan) {
				now = now.Add(d)
				tell(s)
			}
			at(time.Second, Scan{"sums", 10, 40, false})
			at(time.Millisecond, Scan{"sums", 20, 40, false})
			at(4*time.Second, Scan{"sums", 30, 0, false})
			at(0, Scan{"sums", 40, 40, true})
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
