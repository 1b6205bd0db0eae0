// Command stateless does by hand what bench/stateless.flow says: it reads
// events as JSON lines, keeps some of them and gives them another shape.
package main

import (
	"strconv"

	"github.com/flow-lang/flowc/bench/hand/event"
	"github.com/flow-lang/flowc/bench/hand/loop"
	"github.com/flow-lang/flowc/bench/hand/scan"
)

func main() {
	var s scan.Scanner
	loop.Run(func(line, out []byte) ([]byte, error) {
		e, err := event.Decode(&s, line)
		if err != nil || !e.Paid || e.Price < 2500 {
			return out, err
		}
		out = append(out, `{"id":`...)
		out = strconv.AppendInt(out, e.ID, 10)
		out = append(out, `,"user":`...)
		out = loop.AppendString(out, e.User)
		out = append(out, `,"fahrenheit":`...)
		out = loop.AppendFloat(out, e.Temp*1.8+32.0)
		out = append(out, `,"at":`...)
		out = loop.AppendTime(out, e.At)
		return append(out, "}\n"...), nil
	})
}
