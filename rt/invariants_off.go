//go:build !invariants

package rt

// poisonBlocks overwrites memory that is about to be used again. The build tag
// invariants turns it on.
const poisonBlocks = false
