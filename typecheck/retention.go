package typecheck

func (c *checker) checkRetention() {}
