package state

import (
	"reflect"
	"testing"
)

// TestWholeTimersLieAsTimers: the one is used as the other, in place.
func TestWholeTimersLieAsTimers(t *testing.T) {
	t.Parallel()
	whole, plain := reflect.TypeFor[WholeTimers](), reflect.TypeFor[Timers[int64]]()
	if whole.NumField() != plain.NumField() || whole.Size() != plain.Size() {
		t.Fatalf("%v has %d fields in %d bytes, %v %d in %d", whole, whole.NumField(), whole.Size(), plain, plain.NumField(), plain.Size())
	}
	for i := range whole.NumField() {
		w, p := whole.Field(i), plain.Field(i)
		if w.Name != p.Name || w.Offset != p.Offset || w.Type.Size() != p.Type.Size() {
			t.Errorf("field %d is %s at %d of %d bytes and %s at %d of %d", i, w.Name, w.Offset, w.Type.Size(), p.Name, p.Offset, p.Type.Size())
		}
		if w.Type != p.Type && (p.Type.NumField() != 1 || p.Type.Field(0).Type.Kind() != reflect.Pointer) {
			t.Errorf("field %s is %v, and not one pointer", p.Name, p.Type)
		}
	}
}
