package remote

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRecord reads what functions give to an egress.
func TestRecord(t *testing.T) {
	t.Parallel()
	topic := appendText(appendText(appendText(nil, 1, "k"), 2, "v"), 3, "t")
	hashed := appendText(topic, 4, "9")
	for _, c := range []struct {
		name, typename string
		value          []byte
		want           Record
	}{
		{"a value", "example/Greeting", []byte("{}"), Record{Egress: "example/out", Type: "example/Greeting", Value: []byte("{}")}},
		{"for Kafka", kafkaRecord, topic, Record{Egress: "example/out", Topic: "t", Key: "k", Value: []byte("v")}},
		{"for Kinesis", kinesisRecord, hashed, Record{Egress: "example/out", Topic: "t", Key: "k", Value: []byte("v")}},
		{"without a key", kafkaRecord, topic[3:], Record{Egress: "example/out", Topic: "t", Value: []byte("v")}},
		{"of nothing", kafkaRecord, nil, Record{Egress: "example/out"}},
	} {
		e := egressMessage{egress: "example/out", argument: TypedValue{Type: c.typename, Has: true, Value: c.value}}
		var got Record
		err := got.read(&e)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	e := egressMessage{egress: "example/out", argument: TypedValue{Type: kafkaRecord, Value: []byte{0xff}}}
	want := `the message to the egress "example/out" is no record for a topic: `
	if err := new(Record).read(&e); err == nil || err.Error()[:len(want)] != want {
		t.Errorf("a damaged record: %v", err)
	}
}
