package memstore_test

import (
	"testing"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/state/memstore"
	"github.com/flow-lang/flowc/rt/state/statetest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	statetest.Run(t, func(t *testing.T, o state.StoresOptions) state.Stores {
		stores, err := memstore.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		return stores
	})
}

func TestContractOfLazy(t *testing.T) {
	t.Parallel()
	statetest.RunLazy(t, func(t *testing.T, o state.StoresOptions) state.Stores {
		stores, err := memstore.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		return stores
	})
}
