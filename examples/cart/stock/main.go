// Command stock serves the function shop/stock with the Go SDK of Stateful Functions:
// how much there is of an item.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/apache/flink-statefun/statefun-sdk-go/v3/pkg/statefun"
)

// delivery comes from the pipeline.
type delivery struct {
	Quantity int `json:"quantity"`
}

// ask comes from a cart, and answer goes back to it.
type ask struct {
	Quantity int `json:"quantity"`
}

type answer struct {
	Item     string `json:"item"`
	Quantity int    `json:"quantity"`
	There    bool   `json:"there"`
}

// left is what is given to the pipeline.
type left struct {
	Item     string `json:"item"`
	Quantity int    `json:"quantity"`
}

// atFirst is how much there is of each item before anything is delivered.
const atFirst = 5

var (
	deliveryType = jsonType("Delivery")
	askType      = jsonType("Ask")
	answerType   = jsonType("Answer")
	leftType     = jsonType("Left")

	// The value is what has been delivered, less what has been sold.
	moved = statefun.ValueSpec{Name: "moved", ValueType: statefun.Int64Type}
)

func jsonType(name string) statefun.SimpleType {
	return statefun.MakeJsonType(statefun.TypeNameFrom("shop/" + name))
}

func stock(ctx statefun.Context, message statefun.Message) error {
	var n int64
	ctx.Storage().Get(moved, &n)
	item := ctx.Self().Id
	switch {
	case message.Is(deliveryType):
		var d delivery
		if err := message.As(deliveryType, &d); err != nil {
			return err
		}
		n += int64(d.Quantity)
	case message.Is(askType):
		var a ask
		if err := message.As(askType, &a); err != nil {
			return err
		}
		there := int64(a.Quantity) <= atFirst+n
		ctx.Send(statefun.MessageBuilder{Target: *ctx.Caller(), Value: answer{item, a.Quantity, there}, ValueType: answerType})
		if !there {
			return nil
		}
		n -= int64(a.Quantity)
	default:
		return fmt.Errorf("a message of type %s", message.ValueTypeName())
	}
	ctx.Storage().Set(moved, n)
	ctx.SendEgress(statefun.GenericEgressBuilder{
		Target: statefun.TypeNameFrom("shop/left"), Value: left{item, atFirst + int(n)}, ValueType: leftType,
	})
	return nil
}

func main() {
	port := "8002"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	functions := statefun.StatefulFunctionsBuilder()
	if err := functions.WithSpec(statefun.StatefulFunctionSpec{
		FunctionType: statefun.TypeNameFrom("shop/stock"),
		States:       []statefun.ValueSpec{moved},
		Function:     statefun.StatefulFunctionPointer(stock),
	}); err != nil {
		log.Fatal(err)
	}
	http.Handle("/statefun", functions.AsHandler())
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, nil))
}
