// Package rt runs a pipeline that flowc has compiled.
//
// Generated code describes its program as a [Spec]: parameters, and a function
// that wires sinks, keyed stages and sources into a [Graph]. [Main] is the
// whole command of a pipeline binary; [Run] runs a pipeline inside another Go
// program. What goes in comes from connectors, what comes out goes to them;
// the package itself opens no file and no connection.
//
// Generated operators never know who drives them: records, a watermark and
// fired timers go in, records and rows come out. Nothing that is stepped starts
// a goroutine, reads a clock, a random source or a channel, or depends on the
// order of a map.
package rt

// How a job runs
//
// A job is a graph of tasks. The input of a source partition is cut into blocks
// of whole rows, numbered from 0. Lanes, one per worker and source, take any
// block of any partition, decode it, run the steps that are fused to the source
// and put records into edges, or encoded rows into sinks. An edge has one chunk
// per block and shard of the stage it leads to, also where a block has nothing
// for a shard: so a shard, which gets chunks in any order, can take those of
// each partition strictly by number. What a program gives therefore does not
// depend on the number of workers or on timing.
//
// A shard handles the chunks of its inlet, and flushes what its operator emits
// at the end of each step: rows to sinks, records to the shards of the stages
// behind it. Chunks between shards of two stages need no numbers, as each shard
// is one first-in-first-out channel; they are merged by watermark (inlet.go).
//
// Flow control has one rule. A block is in flight until everything that
// descends from it has been handled: each chunk and each lot of rows holds a
// reference to the blocks it came from. A source reads on only while fewer
// blocks than its window are in flight. All other queues are unbounded, so
// nothing can wait in a circle, and a slow sink is felt by the reader.
//
// Workers own tasks for good: worker w has lane w of every source and shard w
// of every stage, and steps the one most downstream that has work. Readers and
// writers may block, so each has a goroutine of its own. The simulator
// (package sim) steps the same actors from one goroutine in an order that a seed
// decides.

// Version1 is the first version of the interface between generated code and
// this package. Generated code names the version it was written for, so that it
// does not compile against a runtime that lacks it.
const Version1 = 1
