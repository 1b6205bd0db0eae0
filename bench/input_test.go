package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAppendEvent(t *testing.T) {
	t.Parallel()
	var got string
	for n := range uint64(2) {
		got += string(appendEvent(nil, n, []uint64{883, 431}[n%2]))
	}
	want := `{"id":0,"user":"u0000883","price":3346,"temp":8.66,"channel":"channel-4306","url":"https://www.nexmark.com/qjog/mlm/item.htm?query=1","at":"2024-05-01T00:00:00Z","paid":true}
{"id":1,"user":"u0000431","price":6770,"temp":-9.01,"channel":"channel-588","url":"https://www.nexmark.com/qhts/rbi/item.htm?query=1","at":"2024-05-01T00:00:00.001Z","paid":false}
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("appendEvent (-want +got):\n%s", diff)
	}
	for n := range uint64(10_000) {
		if line := appendEvent(nil, n, []uint64{883, 431}[n%2]); !json.Valid(line) {
			t.Fatalf("appendEvent(nil, %d, 1000) = %s, which is not JSON", n, line)
		}
	}
}
