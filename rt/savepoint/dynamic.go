package savepoint

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
)

// appendDynamic appends the members "type" and "value" of a row of dynamic state,
// which bring a saved value and its type.
func appendDynamic(dst, saved []byte) ([]byte, error) {
	in := avro.NewReader(saved)
	text, data := in.View(), in.ViewBytes()
	if err := in.Close(); err != nil {
		return dst, err
	}
	t, err := dynamicType([]byte(text))
	if err != nil {
		return dst, err
	}
	dst = append(append(dst, `,"type":`...), text...)
	value := avro.NewReader(data)
	dst = avro.AppendJSON(append(dst, `,"value":`...), t, value)
	return dst, value.Close()
}

// fromDynamic is a value as it is saved, of the members of a row.
func fromDynamic(text, v json.RawMessage) ([]byte, error) {
	if len(text) == 0 || len(v) == 0 {
		return nil, errors.New(`the row of dynamic state has no "type", or no "value"`)
	}
	t, err := dynamicType(text)
	if err != nil {
		return nil, err
	}
	data, err := avro.FromJSON(nil, t, v)
	if err != nil {
		return nil, fmt.Errorf("value: %w", err)
	}
	described, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	return avro.AppendBytes(avro.AppendString(nil, string(described)), data), nil
}

// dynamicType reads the description of a value's type; the name of a scalar stands
// for it.
func dynamicType(text []byte) (*schema.Type, error) {
	t := &schema.Type{}
	var name schema.TypeName
	if json.Unmarshal(text, &name) == nil {
		t.Shape = name
	} else if err := json.Unmarshal(text, t); err != nil {
		return nil, fmt.Errorf("type: %w", err)
	}
	if err := avro.Check(t); err != nil {
		return nil, fmt.Errorf("type: %w", err)
	}
	return t, nil
}
