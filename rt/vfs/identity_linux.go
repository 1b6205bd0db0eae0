package vfs

import (
	"io/fs"
	"syscall"
)

// IdentityOf returns the identity of a file that is described, if it has one.
func IdentityOf(info fs.FileInfo) (id Identity, ok bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return id, false
	}
	return Identity{
		Device: uint64(s.Dev), Inode: s.Ino, Size: s.Size, Names: uint64(s.Nlink),
		Modified: s.Mtim.Nano(), Changed: s.Ctim.Nano(),
	}, true
}
