package compat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flow-lang/flowc/compat"
	"github.com/flow-lang/flowc/rt/schema"
)

// manyStates is a program with 200 states in 20 steps.
func manyStates(field string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "pipeline many\nrecord R { k: string, %s, list: list<string>, more: map<string, int> }\nsource rs: R = jsonl(\"in.jsonl\")\n", field)
	for i := range 20 {
		fmt.Fprintf(&b, "operator o%d {\n  in r: R key r.k\n  out R\n", i)
		for j := range 10 {
			fmt.Fprintf(&b, "  state s%d: value<R> forever\n", j)
		}
		fmt.Fprintf(&b, "  on r { emit r }\n}\nstream t%d = rs |> o%d uid \"u%d\"\nsink t%d to jsonl(\"%d.jsonl\")\n", i, i, i, i, i)
	}
	return b.String()
}

// TestCheckIsFast checks a program with 200 states, from its text to the report.
// The bound is ten times what is promised, for machines that do other work.
func TestCheckIsFast(t *testing.T) {
	t.Parallel()
	old, err := schemaOf(manyStates("n: int32"))
	if err != nil {
		t.Fatal(err)
	}
	least := time.Hour
	for range 5 {
		begun := time.Now()
		if r := checkMany(t, old); len(r.Entries) < 200 {
			t.Fatalf("%d entries", len(r.Entries))
		}
		least = min(least, time.Since(begun))
	}
	t.Logf("%v", least)
	if least > 500*time.Millisecond {
		t.Errorf("the check of 200 states takes %v", least)
	}
}

func checkMany(t testing.TB, old *schema.Job) *compat.Report {
	t.Helper()
	new, err := schemaOf(manyStates("n: int"))
	if err != nil {
		t.Fatal(err)
	}
	return compat.Check(compat.Side{Name: "old", Job: old}, compat.Side{Name: "new", Job: new}, compat.Full)
}

// BenchmarkCheck is the check of a program with 200 states.
func BenchmarkCheck(b *testing.B) {
	old, err := schemaOf(manyStates("n: int32"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		checkMany(b, old)
	}
}
