module github.com/flow-lang/flowc

go 1.26
