package vfs

// Identity tells whether a file of a local disk may have changed. What changes the
// content of a file changes its time of modification, and Changed, too, which nobody
// can set; but so does what gives it another name or takes one away.
type Identity struct {
	Device   uint64 `json:"device"`
	Inode    uint64 `json:"inode"`
	Size     int64  `json:"size"`     // bytes
	Modified int64  `json:"modified"` // ns
	Changed  int64  `json:"changed"`  // ns
	Names    uint64 `json:"names"`    // how many the file has
}

// Holds reports whether nothing says that the file has changed since it was was.
func (i Identity) Holds(was Identity) bool {
	if i.Names != was.Names {
		was.Names, was.Changed = i.Names, i.Changed
	}
	return i == was
}
