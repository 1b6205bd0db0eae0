//go:build !unix

package cli

import "os"

// widthOf returns 0: the width of the terminal is not known.
func widthOf(*os.File) int { return 0 }
