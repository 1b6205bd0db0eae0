package lang

import "strings"

// ClauseFor is the clause of a source or sink that a word is probably meant for: one
// of another system's words for it, or the clause in one word. It is "" if there is
// none.
func ClauseFor(word string) string {
	switch strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(word)) {
	case "event", "eventtime", "eventtimefield", "time", "timefield", "timestamp", "rowtime", "timecolumn":
		return "event time at"
	case "watermark", "watermarks", "lag", "maxlag", "watermarklag", "delay", "watermarkdelay", "lateness", "allowedlateness", "outoforderness":
		return "watermark lag 5s"
	case "idle", "idleafter", "idleness", "idletimeout":
		return "watermark lag 5s, idle after 1m"
	case "on", "onerror", "errors", "policy":
		return "on error skip"
	}
	return ""
}

// clauseHint says how the clause of a source is written, where it stands in another
// place or form; "" where the next token is none of it.
func (p *parser) clauseHint(want string) string {
	word, before := p.text(p.i), ""
	if p.i > 0 {
		before = p.text(p.i - 1)
	}
	switch k := p.kind(); {
	case want == "the end of the line" && k == ident && p.text(p.begin) == "source" && word == "with":
		return "what a source says of its records stands in braces, without with: { event time at }"
	case want == "the end of the line" && k == ident && p.text(p.begin) == "source" && ClauseFor(word) != "":
		return "what a source says of its records stands in braces: { " + ClauseFor(word) + " }"
	case strings.Contains(want, `")"`) && word == "time" && before == "event":
		return "it is no argument and stands in braces behind the source: { event time " + p.following("at") + " }"
	case want == `"time"` && before == "event" && k != ident:
		return "write it in two words, with the time behind them: event time at"
	case want == "an expression" && (k == colon || k == assign) && before == "time" && p.i > 1 && p.text(p.i-2) == "event":
		return "without " + quote(word) + ": event time " + p.following("at")
	case want == lagOrIdle && before == "watermark" && k == number:
		return "say what the time is: watermark lag " + word
	case want == lagOrIdle && before == "watermark":
		return "write how late records may be: watermark lag 5s"
	}
	return ""
}

// following is the text of the token behind the next one if that is a name, else other.
func (p *parser) following(other string) string {
	if p.kind() != eof && p.toks[p.i+1].kind == ident {
		return p.text(p.i + 1)
	}
	return other
}
