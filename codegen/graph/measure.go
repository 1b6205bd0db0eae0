package graph

// A font is a size with the widths of the printable ASCII characters from
// space on, in hundredths of the size.
type font struct {
	size   float64
	widths *[95]uint8
}

// The widths are those of DejaVu Sans, rounded up: the widest of the fonts that
// the pictures name, so that text of the others fits, too.
var (
	regularWidths = [95]uint8{
		32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 54,
		100, 69, 69, 70, 78, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79, 61, 79, 70, 64, 62, 74, 69, 99, 69, 62, 69, 40, 34, 40, 84, 50,
		50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62, 64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
	}
	boldWidths = [95]uint8{
		35, 46, 53, 84, 70, 101, 88, 31, 46, 46, 53, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40, 84, 84, 84, 59,
		100, 78, 77, 74, 84, 69, 69, 83, 84, 38, 38, 78, 64, 100, 84, 86, 74, 86, 78, 73, 69, 82, 78, 111, 78, 73, 73, 46, 37, 46, 84, 50,
		50, 68, 72, 60, 72, 68, 44, 72, 72, 35, 35, 67, 35, 105, 72, 69, 72, 72, 50, 60, 48, 72, 66, 93, 65, 66, 59, 72, 37, 72, 84,
	}
	titleFont = font{14, &boldWidths}
	rowFont   = font{12, &regularWidths}
)

// width returns how wide text is, at most. A character beyond ASCII counts as a
// square: none of the writing systems in use has much wider ones.
func (f font) width(text string) float64 {
	sum := 0
	for _, r := range text {
		if r >= ' ' && r <= '~' {
			sum += int(f.widths[r-' '])
		} else {
			sum += 105
		}
	}
	return f.size * float64(sum) / 100
}

// cut shortens text to n characters, of which the last then is an ellipsis.
func cut(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n-1]) + "…"
}
