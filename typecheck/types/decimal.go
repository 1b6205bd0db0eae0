package types

// Holds reports whether a value of u is one of t as it stands: its digits behind
// the point are as many, and those before it never too many.
func (t *Decimal) Holds(u *Decimal) bool { return t.Scale == u.Scale && t.Precision >= u.Precision }
