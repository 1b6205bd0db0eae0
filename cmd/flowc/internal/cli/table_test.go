package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTable draws a table as wide as it is, and where there is less room.
func TestTable(t *testing.T) {
	t.Parallel()
	tab := &table{left: 2, drop: []int{3, 4, 2}}
	tab.add("", "NAME", "RECORDS", "LATE", "QUEUED")
	tab.add("source", "events-of-everything", "1234", "0", "7")
	tab.add("step", "über", "5", "0", "0")
	for width, want := range map[int]string{
		0: "        NAME                  RECORDS  LATE  QUEUED\n" +
			"source  events-of-everything     1234     0       7\n" +
			"step    über                        5     0       0\n",
		48: "        NAME               RECORDS  LATE  QUEUED\n" +
			"source  events-of-everyt…     1234     0       7\n" +
			"step    über                     5     0       0\n",
		40: "        NAME             RECORDS  QUEUED\n" +
			"source  events-of-ever…     1234       7\n" +
			"step    über                   5       0\n",
		30: "        NAME           RECORDS\n" +
			"source  events-of-ev…     1234\n" +
			"step    über                 5\n",
		10: "        NAME\n" +
			"source  events-of-e…\n" +
			"step    über\n",
	} {
		var b strings.Builder
		tab.write(&b, width)
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("%d columns (-want +got):\n%s", width, diff)
		}
	}
}
