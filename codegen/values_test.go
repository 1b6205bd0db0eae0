package codegen_test

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	pipeline "github.com/flow-lang/flowc/golden/gen/values"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/vfs"
)

// orders are two orders as people write them: maps, sets and members in any
// order, decimals without their last zeros.
var orders = []string{
	`{"id":"123e4567-e89b-12d3-a456-426614174000","raw":"AP8=","day":"2024-01-01","price":1.5,"fee":0.1234,` +
		`"event":{"$type":"Sale","item":"lamp","tags":["z","a"]},"events":[{"$type":"Nothing"},{"auction":3,"$type":"Bid","price":7}],` +
		`"maybe":null,"body":{"a":[{"b":5}],"list":[1, "x"]},"stock":{"pear":7,"apple":5},"by_day":[["2024-01-02",[1.5,2.5]],["2024-01-01",[]]],` +
		`"by_kind":[["high",{"x":{"auction":1,"price":3.33}}],["low",{}]],"points":[{"x":2,"y":"b"},{"x":1,"y":"c"},{"x":2,"y":"a"},{"x":1,"y":"c"}],` +
		`"kinds":["high","low"],"flags":[true,false],"ids":["123e4567-e89b-12d3-a456-426614174000"],"raws":["AP8=","AA=="],"costs":[5,1.25],"rates":{"e":2.5}}`,
	`{"id":"123e4567-e89b-12d3-a456-426614174000","raw":"AP8=","day":"2024-01-01","price":1.5,"tax":1,` +
		`"event":{"$type":"Bid","auction":9,"price":100},"events":[],"maybe":{"$type":"Nothing"},"body":null,"stock":{},"by_day":[],"by_kind":[],` +
		`"points":[],"kinds":[],"flags":[],"ids":[],"raws":[],"costs":[],"rates":{}}`,
}

// wantValues is what comes of them, by sink.
var wantValues = map[string]string{
	"orders": `{"id":"123e4567-e89b-12d3-a456-426614174000","raw":"AP8=","day":"2024-01-01","price":1.50,"fee":0.1234,"tax":19.50,` +
		`"event":{"$type":"Sale","item":"lamp","tags":["a","z"]},"events":[{"$type":"Nothing"},{"$type":"Bid","auction":3,"price":7.00}],` +
		`"maybe":null,"body":{"a":[{"b":5}],"list":[1, "x"]},"stock":{"apple":5,"pear":7},"by_day":[["2024-01-01",[]],["2024-01-02",[1.5,2.5]]],` +
		`"by_kind":[["low",{}],["high",{"x":{"auction":1,"price":3.33}}]],"points":[{"x":1,"y":"c"},{"x":2,"y":"a"},{"x":2,"y":"b"}],` +
		`"kinds":["low","high"],"flags":[false,true],"ids":["123e4567-e89b-12d3-a456-426614174000"],"raws":["AA==","AP8="],"costs":[1.25,5.00],"rates":{"e":2.5}}
{"id":"123e4567-e89b-12d3-a456-426614174000","raw":"AP8=","day":"2024-01-01","price":1.50,"fee":null,"tax":1.00,` +
		`"event":{"$type":"Bid","auction":9,"price":100.00},"events":[],"maybe":{"$type":"Nothing"},"body":null,"stock":{},"by_day":[],"by_kind":[],` +
		`"points":[],"kinds":[],"flags":[],"ids":[],"raws":[],"costs":[],"rates":{}}
`,
	"changed": `{"sum":21.00,"less":-18.00,"times":29.2500,"ratio":0.500000,"rest":1.50,"whole":1,"near":1.5,"from":2,"rounded":1.5,` +
		`"down":1.00,"up":2.00,"size":1.50,"least":1.50,"dear":true,"kind":"one and a half","total":4.0,"sorted":[-3.25,1.50,1.50],` +
		`"text":"1.50 and 19.50","big":123456789012345678901234567889.12,"neg":-0.07,"bid":"lamp","sale":"nothing","member":"nothing","same":true,"number":4,` +
		`"made":3.000,"at":5,"list":[1,"x"],"json":[{"x":1,"y":"c"},{"x":2,"y":"a"},{"x":2,"y":"b"}],"rate":{"e":2.5},` +
		`"first":{"a":1.50,"b":["low","high"]},"num":1.5,"hash":true,"hashes":true,"apples":5,"bid2":3.33,"has":true,"keys":["apple","pear"],` +
		`"values":[5,7],"len":5,"points":["c","a","b"],"lit":{"a":1,"b":3},"set":[1,3],"empty":true,"maps":false,"costs":[0.25,1.50]}
{"sum":2.50,"less":0.50,"times":1.5000,"ratio":0.500000,"rest":1.50,"whole":1,"near":1.5,"from":0,"rounded":1.5,` +
		`"down":1.00,"up":2.00,"size":1.50,"least":1.50,"dear":false,"kind":"one and a half","total":0.0,"sorted":[-3.25,1.50,1.50],` +
		`"text":"1.50 and 1.00","big":123456789012345678901234567889.12,"neg":-0.07,"bid":"bid 100.00","sale":"an event","member":"other","same":false,"number":0,` +
		`"made":3.000,"at":null,"list":null,"json":[],"rate":{},"first":{"a":1.50,"b":[]},"num":1.5,"hash":true,"hashes":true,"apples":-1,` +
		`"bid2":null,"has":false,"keys":[],"values":[],"len":0,"points":[],"lit":{"a":1,"b":3},"set":[1,3],"empty":false,"maps":false,"costs":[0.25,1.50]}
`,
	"tallies": `{"text":"apple=5;pear=7;low;high;apple"}
{"text":""}
`,
	"spending": `{"key":1.50,"total":2.8766,"last":{"$type":"Sale","item":"lamp","tags":["a","z"]},"seen":{"apple":5,"pear":7},` +
		`"costs":[1.25,5.00],"body":{"a":[{"b":5}],"list":[1, "x"]}}
{"key":1.50,"total":5.8766,"last":{"$type":"Bid","auction":9,"price":100.00},"seen":{"apple":5,"pear":7},"costs":[],"body":null}
`,
	"prices": `{"price":1.50,"n":1}
{"price":1.50,"n":2}
`,
	"bids": `{"$type":"Bid","auction":1,"price":2.50}
`,
	"rows_out": `day,price,fee
2024-01-01,12.500,
2024-01-02,-0.001,3.5
`,
}

// TestValues reads and writes values of all types, one record to a block.
func TestValues(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"orders.jsonl": strings.Join(orders, "\n"),
		"events.jsonl": `{"$type":"Bid","auction":1,"price":2.50}` + "\n" + `{"item":"x","tags":["b","a","b"],"$type":"Sale"}` +
			"\n" + `{"$type":"Nothing"}` + "\n" + `{"$type":"Bid","auction":1,"price":0.50}`,
		"rows.csv": "day,price,fee\n2024-01-01,12.5,\n2024-01-02,-0.001,3.5\n",
	}
	for _, shards := range []int{1, 3} {
		if diff := gocmp.Diff(wantValues, runValues(t, shards, files)); diff != "" {
			t.Errorf("with %d shards (-want +got):\n%s", shards, diff)
		}
	}
}

// runValues returns what the sinks have written.
func runValues(t *testing.T, shards int, files map[string]string) map[string]string {
	t.Helper()
	fs := vfs.NewMem()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := fs.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, files[name]); err != nil {
			t.Fatal(err)
		}
	}
	err := rt.Run(context.Background(), pipeline.Pipeline(), rt.Options{FS: fs, Parallelism: shards, BlockSize: 1 << 10, Poison: true})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for sink := range wantValues {
		name := sink + ".jsonl"
		switch sink {
		case "rows_out":
			name = sink + ".csv"
		case "orders":
			name = "orders_out.jsonl"
		}
		f, err := fs.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		out[sink] = string(text)
	}
	return out
}
