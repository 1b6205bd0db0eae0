module example.com/inside

go 1.26.0

require github.com/flow-lang/flowc v0.0.0

replace github.com/flow-lang/flowc => ./last/runtime
