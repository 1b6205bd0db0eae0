package rt

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// stateFlags are the flags about where state lies.
type stateFlags struct {
	backend, dir string
	cache        int64 // bytes; 0 means the default
}

// set puts the flags into the options. Where memory does not hold all state, the
// collector keeps to what it may take.
func (f *stateFlags) set(o *Options) {
	o.State, o.StateDir, o.CacheSize = f.backend, f.dir, f.cache
	if f.backend == "" || f.backend == MemoryState || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	cache := f.cache
	if cache == 0 {
		cache = defaultCache
	}
	debug.SetMemoryLimit(cache + cache/8 + besideCache)
}

// besideCache is how many bytes a job takes beside its state: blocks, batches, the
// program.
const besideCache = 128 << 20

// units are those of sizes.
var units = []struct {
	name  string
	bytes int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}}

// leastCache is the least size that makes sense.
const leastCache = 1 << 20

// setSize returns a setter of a flag that takes a size in bytes.
func setSize(field func(*command) *int64, name string) func(*command, string) error {
	return func(c *command, text string) error {
		for _, u := range units {
			digits, ok := strings.CutSuffix(text, u.name)
			if !ok {
				continue
			}
			n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
			if err != nil || n < 0 || n > math.MaxInt64/u.bytes || n*u.bytes < leastCache {
				break
			}
			*field(c) = n * u.bytes
			return nil
		}
		return usagef("--%s: want a size like 256MiB, at least 1MiB, not %q", name, text)
	}
}
