package lang

// FormatWidth is Format for lines of another width: narrow lines break where
// wide ones seldom do.
var FormatWidth = formatWidth
