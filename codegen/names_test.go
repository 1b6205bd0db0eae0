package codegen

import (
	"go/token"
	"testing"
)

func TestNames(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, exported, unexported string }{
		{"user", "User", "user"},
		{"user_id", "UserID", "userID"},
		{"userId", "UserID", "userID"},
		{"url_of_page", "URLOfPage", "urlOfPage"},
		{"URL", "URL", "url"},
		{"HTTPServer", "HTTPServer", "hTTPServer"},
		{"w.Reading", "WReading", "wReading"},
		{"_", "X", "x"},
		{"__a__", "A", "a"},
		{"_1", "X1", "x1"},
		{"a1_b2", "A1B2", "a1B2"},
		{"grüße", "GrE", "grE"},
		{"a\"b\n//go:c", "ABGoC", "aBGoC"},
	}
	for _, tt := range tests {
		if got := exported(tt.name); got != tt.exported {
			t.Errorf("exported(%q) = %q, want %q", tt.name, got, tt.exported)
		}
		if got := unexported(tt.name); got != tt.unexported {
			t.Errorf("unexported(%q) = %q, want %q", tt.name, got, tt.unexported)
		}
		if !token.IsIdentifier(exported(tt.name)) {
			t.Errorf("exported(%q) = %q is no identifier", tt.name, exported(tt.name))
		}
	}
}

func TestNameScope(t *testing.T) {
	t.Parallel()
	outer := newNames(nil, predeclared...)
	inner := newNames(outer, "m")
	for _, tt := range []struct{ want, got string }{
		{"len", "len2"}, {"len", "len3"}, {"func", "func2"}, {"init", "init2"}, {"_", "_2"}, {"m", "m2"}, {"m2", "m22"}, {"a", "a"},
	} {
		if got := inner.pick(tt.want); got != tt.got {
			t.Errorf("pick(%q) = %q, want %q", tt.want, got, tt.got)
		}
	}
	if got := outer.pick("a"); got != "a" {
		t.Errorf("a name of an inner scope is taken outside: %q", got)
	}
}
