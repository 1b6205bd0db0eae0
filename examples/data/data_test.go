package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMadeUpData fails when a file beside this one is not what the command
// writes today.
func TestMadeUpData(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func() []byte{
		"clicks.jsonl":   clicks,
		"entries.jsonl":  entries,
		"requests.jsonl": requests,
	} {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(make()), string(got)); diff != "" {
			t.Errorf("%s; run go run ./examples/data (-want +got):\n%s", name, diff)
		}
	}
}

func TestReadings(t *testing.T) {
	t.Parallel()
	weather := `origin,temp,time_hour
JFK,50,2013-04-01T01:00:00Z
EWR,41.5,2013-04-01T00:00:00Z
LGA,NA,2013-04-01T02:00:00Z
LGA,50,2013-03-31T23:00:00Z
`
	got, err := readings([]byte(weather))
	if err != nil {
		t.Fatal(err)
	}
	want := "sensor,at,temp\nEWR,2013-04-01T00:00:00Z,5.3\nJFK,2013-04-01T01:00:00Z,10.0\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("readings (-want +got):\n%s", diff)
	}
}
