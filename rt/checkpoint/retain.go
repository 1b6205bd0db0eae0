package checkpoint

import (
	"errors"
	"slices"
)

// Retain keeps the newest n checkpoints, n ≥ 1, and what they name, and
// deletes the rest of what this process knows of. It is called when nothing has
// been put that the newest does not name.
func (l *Log) Retain(n int) error {
	if l.loose {
		return nil
	}
	old := l.whole[:max(0, len(l.whole)-n)]
	l.whole = slices.Clone(l.whole[len(old):])
	var errs []error
	drop := func(name string) bool {
		err := l.store.Delete(name)
		if err != nil {
			errs = append(errs, unread(l.store.Place(name), err))
		}
		return err == nil
	}
	for _, m := range old {
		drop(manifestName(m.Number))
	}
	if len(l.whole) > 0 {
		l.claims = slices.DeleteFunc(l.claims, func(m *Manifest) bool {
			return m.Number < l.whole[len(l.whole)-1].Number && drop(manifestName(m.Number))
		})
	}
	named := map[string]bool{}
	for _, m := range l.whole {
		for _, f := range m.Files {
			named[f.Name] = true
		}
	}
	for _, name := range sortedNames(l.known) {
		if !named[name] && drop(name) {
			delete(l.known, name)
		}
	}
	return errors.Join(errs...)
}

func sortedNames(set map[string]bool) []string {
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
