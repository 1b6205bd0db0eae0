//go:build unix

package cli

import (
	"os"
	"syscall"
	"unsafe"
)

// widthOf returns the columns of the terminal behind f; 0 if it does not say.
func widthOf(f *os.File) int {
	var size struct{ rows, columns, x, y uint16 }
	_, _, failed := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
	if failed != 0 {
		return 0
	}
	return int(size.columns)
}
