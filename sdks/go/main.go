// Command go serves the functions verify/left and verify/right with the official Go
// SDK of Stateful Functions, on 127.0.0.1 and the port that it is given. They
// interpret the commands of sdks/verify.flow. The function verify/packed takes and
// gives the protocol buffers of sdks/packed.flow.
package main

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/apache/flink-statefun/statefun-sdk-go/v3/pkg/statefun"
	"google.golang.org/protobuf/proto"

	"github.com/flow-lang/flowc/sdks/go/packed"
)

// op is one command. What it does is told in sdks/README.md.
type op struct {
	Op      string   `json:"op"`
	N       int32    `json:"n,omitempty"`
	Version int32    `json:"v,omitempty"`
	Text    string   `json:"text,omitempty"`
	To      string   `json:"to,omitempty"`
	ID      string   `json:"id,omitempty"`
	Millis  int64    `json:"ms,omitempty"`
	Token   string   `json:"token,omitempty"`
	Command *command `json:"command,omitempty"`
}

// command is what a function is called with.
type command struct {
	To   string `json:"to"`
	ID   string `json:"id"`
	Node int    `json:"node"`
	Ops  []op   `json:"ops"`
}

// said is what a function gives to the egress verify/out.
type said struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Node int    `json:"node"`
	Text string `json:"text"`
}

// calls is a value of a type of its own.
type calls struct {
	N int `json:"n"`
}

type entry struct {
	N int32 `json:"n"`
}

var (
	commandType = jsonType("verify/Command")
	saidType    = jsonType("verify/Said")
	entryType   = jsonType("verify/Entry")
	out         = statefun.TypeNameFrom("verify/out")
	topics      = statefun.TypeNameFrom("verify/log")

	sum     = statefun.ValueSpec{Name: "sum", ValueType: statefun.Int32Type}
	version = statefun.ValueSpec{Name: "version", ValueType: statefun.Int32Type}
	slot    = statefun.ValueSpec{Name: "slot", ValueType: statefun.StringType}
	half    = statefun.ValueSpec{Name: "half", ValueType: statefun.Float32Type, Expiration: statefun.ExpireAfterWrite(24 * time.Hour)}
	called  = statefun.ValueSpec{Name: "calls", ValueType: jsonType("verify/Calls"), Expiration: statefun.ExpireAfterCall(24 * time.Hour)}
)

func jsonType(name string) statefun.SimpleType {
	return statefun.MakeJsonType(statefun.TypeNameFrom(name))
}

// invoke interprets a command.
func invoke(ctx statefun.Context, message statefun.Message) error {
	var c command
	if err := message.As(commandType, &c); err != nil {
		return err
	}
	s := ctx.Storage()
	var n calls
	s.Get(called, &n)
	n.N++
	s.Set(called, n)
	for i := range c.Ops {
		if err := apply(ctx, s, &c, &c.Ops[i]); err != nil {
			return err
		}
	}
	return nil
}

func apply(ctx statefun.Context, s statefun.AddressScopedStorage, c *command, o *op) error {
	var v int32
	switch o.Op {
	case "add":
		var h float32
		s.Get(sum, &v)
		s.Get(half, &h)
		s.Set(sum, v+o.N)
		s.Set(half, h+float32(o.N)/2)
	case "set", "clear":
		if s.Get(version, &v); o.Version <= v {
			return nil
		}
		s.Set(version, o.Version)
		if o.Op == "clear" {
			s.Remove(slot)
		} else {
			s.Set(slot, o.Text)
		}
	case "send", "after":
		m := statefun.MessageBuilder{Target: target(o), Value: o.Command, ValueType: commandType}
		switch {
		case o.Op == "send":
			ctx.Send(m)
		case o.Token == "":
			ctx.SendAfter(time.Duration(o.Millis)*time.Millisecond, m)
		default:
			token, err := statefun.NewCancellationToken(o.Token)
			if err != nil {
				return err
			}
			ctx.SendAfterWithCancellationToken(time.Duration(o.Millis)*time.Millisecond, token, m)
		}
	case "cancel":
		token, err := statefun.NewCancellationToken(o.Token)
		if err != nil {
			return err
		}
		ctx.CancelDelayedMessage(token)
	case "say":
		ctx.SendEgress(statefun.GenericEgressBuilder{Target: out, ValueType: saidType,
			Value: said{ctx.Self().FunctionType.GetType(), ctx.Self().Id, c.Node, o.Text}})
	case "post":
		ctx.SendEgress(statefun.KafkaEgressBuilder{Target: topics, Topic: "t", Key: ctx.Self().Id, Value: o.Text})
	case "tell":
		ctx.Send(statefun.MessageBuilder{Target: target(o), Value: entry{o.N}, ValueType: entryType})
	default:
		return fmt.Errorf("the command %q", o.Op)
	}
	return nil
}

var (
	packedType = statefun.MakeProtobufType(&packed.Packed{})
	innerType  = statefun.MakeProtobufType(&packed.Inner{})
	tallyType  = statefun.MakeProtobufType(&packed.Tally{})
	tally      = statefun.ValueSpec{Name: "tally", ValueType: tallyType}
)

// echo gives back what it is given, and how often the address was called, and with
// what before, and sends a part to an operator. Of what has an odd number it sends
// the next to another address.
func echo(ctx statefun.Context, message statefun.Message) error {
	var p packed.Packed
	if err := message.As(packedType, &p); err != nil {
		return err
	}
	var t packed.Tally
	ctx.Storage().Get(tally, &t)
	t.Id, t.Calls = p.Id, t.Calls+1
	ctx.SendEgress(statefun.GenericEgressBuilder{Target: out, Value: &p, ValueType: packedType})
	ctx.SendEgress(statefun.GenericEgressBuilder{Target: out, Value: &t, ValueType: tallyType})
	ctx.Send(statefun.MessageBuilder{Target: statefun.Address{FunctionType: statefun.TypeNameFrom("packed/relay"), Id: p.Id}, Value: p.Inner, ValueType: innerType})
	t.Last = &p
	ctx.Storage().Set(tally, &t)
	if p.N%2 != 0 {
		next := proto.Clone(&p).(*packed.Packed)
		next.N, next.Id = p.N+1, p.Id+"+"
		ctx.Send(statefun.MessageBuilder{Target: statefun.Address{FunctionType: ctx.Self().FunctionType, Id: next.Id}, Value: next, ValueType: packedType})
	}
	return nil
}

func target(o *op) statefun.Address {
	return statefun.Address{FunctionType: statefun.TypeNameFrom("verify/" + o.To), Id: o.ID}
}

func main() {
	functions := statefun.StatefulFunctionsBuilder()
	var errs []error
	for _, name := range []string{"verify/left", "verify/right"} {
		errs = append(errs, functions.WithSpec(statefun.StatefulFunctionSpec{
			FunctionType: statefun.TypeNameFrom(name),
			States:       []statefun.ValueSpec{sum, version, slot, half, called},
			Function:     statefun.StatefulFunctionPointer(invoke),
		}))
	}
	errs = append(errs, functions.WithSpec(statefun.StatefulFunctionSpec{
		FunctionType: statefun.TypeNameFrom("verify/packed"), States: []statefun.ValueSpec{tally}, Function: statefun.StatefulFunctionPointer(echo),
	}))
	if err := errors.Join(errs...); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], functions.AsHandler()))
}
