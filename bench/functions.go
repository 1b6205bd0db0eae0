package main

// functions is what calls of functions elsewhere cost: async ones against a pool
// of goroutines, remote ones against an HTTP client that does nothing else.
var functions = []measurement{
	contestOf("async/1000 in flight", contest{
		users: 100_000,
		share: 5,
		candidates: []candidate{
			hand("worker pool", "./bench/hand/pool"),
			flow("flow", "bench/async/async.flow", "1"),
		},
		comparisons: []comparison{
			{name: "async/1000 in flight", against: "worker pool", of: "flow", to: "worker pool", clock: true, goal: 0.9},
		},
	}),
	{name: "remote", run: measureRemote, also: []string{"remote/in batches", "remote/25,000 a second, p99"}},
}
