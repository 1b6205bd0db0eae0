package sim_test

import (
	"fmt"
	"testing"

	"github.com/flow-lang/flowc/rt"
)

// TestMutantsOfCheckpointsAreFound: the test of lives can fail.
func TestMutantsOfCheckpointsAreFound(t *testing.T) {
	if testing.Short() {
		t.Skip("it lives thousands of lives, which takes a minute")
	}
	t.Parallel()
	const limit = 2000
	for mutant := rt.HastyBarrier; mutant < rt.Mutants; mutant++ {
		t.Run(fmt.Sprint(mutant), func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(limit) {
				if survived(t, seed, mutant) != nil {
					t.Logf("found at seed %d", seed)
					return
				}
			}
			t.Errorf("mutant %d survives %d seeds", mutant, limit)
		})
	}
}

// survived lives one life with a mutant. A panic finds it, too.
func survived(t *testing.T, seed uint64, mutant rt.Mutant) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	_, err = checkLife(t, seed, mutant)
	return err
}
