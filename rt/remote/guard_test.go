package remote

import (
	"context"
	"testing"
)

// TestGuard: a name that leads to an address of the link, where clouds serve
// secrets, is refused when it is dialled, whatever it led to before.
func TestGuard(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		host, address string
		ok            bool
	}{
		{"functions.example.com", "10.1.2.3:8000", true},
		{"functions.example.com", "127.0.0.1:8000", true},
		{"functions.example.com", "169.254.169.254:80", false},
		{"functions.example.com", "[fe80::1]:80", false},
		{"functions.example.com", "[::ffff:169.254.169.254]:80", false},
		{"functions.example.com", "224.0.0.1:80", false},
		{"10.1.2.3", "169.254.169.254:80", false},
		{"169.254.169.254", "169.254.169.254:80", true}, // it is meant
	} {
		dial := guard(tt.host)
		err := error(nil)
		if dial != nil {
			err = dial(context.Background(), "tcp", tt.address, nil)
		}
		if (err == nil) != tt.ok {
			t.Errorf("%s at %s: %v", tt.host, tt.address, err)
		}
	}
}
