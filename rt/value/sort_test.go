package value_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/value"
)

func TestSortBy(t *testing.T) {
	t.Parallel()
	xs, keys := []int{1, 2, 3, 4, 5}, []string{"b", "a", "b", "", "a"}
	got := value.SortBy(xs, keys, strings.Compare)
	if diff := cmp.Diff([]int{4, 2, 5, 1, 3}, got); diff != "" {
		t.Errorf("SortBy(%v, %q) (-want +got):\n%s", xs, keys, diff)
	}
	if diff := cmp.Diff([]int{1, 2, 3, 4, 5}, xs); diff != "" {
		t.Errorf("SortBy changed the list (-want +got):\n%s", diff)
	}
}
