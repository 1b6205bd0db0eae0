//go:build invariants

package rt

// poisonBlocks overwrites memory that is about to be used again.
const poisonBlocks = true
