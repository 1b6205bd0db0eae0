package typecheck

func (c *checker) warnUnused()           {}
func (c *checker) warnNames()            {}
func (c *checker) checkUnusedOperators() {}
