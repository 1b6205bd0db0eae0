package evolve

import "testing"

func TestShown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"_.user.lower()":                       "_.user.lower()",
		"f(_.user)#0a1b2c3d":                   "f(_.user)",
		"#0a1b2c3d":                            "…",
		"#0a1b2c3d + f(1)#ffffffff":            "… + f(1)",
		`_.user + "f(x)#0a1b2c3d"`:             `_.user + "f(x)#0a1b2c3d"`,
		`"${f(_.user)#0a1b2c3d} \$ #0a1b2c3d"`: `"${f(_.user)} \$ …"`,
		`"${f(_.user)#0a1b2c3d}"`:              `"${f(_.user)}"`,
		`"open #12345678`:                      `"open …`,
		"#0a1b":                                "#0a1b",
	} {
		if got := shown(text); got != want {
			t.Errorf("%s is shown as %s, want %s", text, got, want)
		}
	}
}

func TestBecomes(t *testing.T) {
	t.Parallel()
	for _, tt := range [][3]string{
		{"_.a", "_.b", "was _.a and is now _.b"},
		{"f(_.a)", "f(_.a)", "is f(_.a) as before, which is computed in another way now"},
	} {
		if got := becomes(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%s and %s: %s, want %s", tt[0], tt[1], got, tt[2])
		}
	}
}
