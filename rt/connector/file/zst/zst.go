// Package zst lets package file read and write files whose names end in .zst. It
// is linked with the programs that name one.
package zst

import (
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/flow-lang/flowc/rt/connector/file"
)

// largestWindow is how far back a packed file may refer, in bytes: what zstd
// itself reads without being told to take more.
const largestWindow = 128 << 20

func init() {
	file.RegisterPacking(&file.Packing{
		Ending: ".zst", Name: "zstd", Check: "zstd -t",
		Unpack: func(r io.Reader) (io.Reader, error) {
			return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(largestWindow))
		},
		Foreign: zstd.ErrMagicMismatch,
		Pack: func(w io.Writer, _ bool) (file.Packer, error) {
			return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		},
	})
}
