package checkpoint_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/vfs"
)

// threeCheckpoints returns a directory with three checkpoints of one operator.
func threeCheckpoints(t testing.TB) vfs.FS { return threeCheckpointsOf(t, "first") }

// threeCheckpointsOf returns those that a process of another token writes.
func threeCheckpointsOf(t testing.TB, token string) vfs.FS {
	t.Helper()
	system := vfs.NewMem()
	log := open(t, system, token)
	keeper := log.Keeper("store", nil)
	var sections []checkpoint.Section
	var files []checkpoint.File
	for epoch := int64(1); epoch <= 3; epoch++ {
		var e state.Encoder
		for k := range 8 {
			e.Add(&state.Record{Group: k, Key: fmt.Appendf(nil, "key %d", k), Value: fmt.Appendf(nil, "%d", epoch)})
		}
		f, err := log.Put(e.Take())
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
		sections = append(sections, checkpoint.Section{Last: 7, Epoch: epoch, Base: epoch == 1, File: len(files) - 1, Length: f.Length})
		m := &checkpoint.Manifest{Files: files}
		m.Operators = []checkpoint.Operator{{UID: "op", Sections: sections}, {UID: "stored"}}
		if _, err := keeper.Put([]state.StoreFile{storeFile("MANIFEST", false, []byte{byte(epoch)}), storeFile("1.sst", true, []byte("rows"))}); err != nil {
			t.Fatal(err)
		}
		keeper.Name(m, []checkpoint.StoredOperator{{UID: "stored"}}, nil)
		if err := log.Commit(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	return system
}

func open(t testing.TB, system vfs.FS, token string) *checkpoint.Log {
	t.Helper()
	store, err := checkpoint.OpenStore(system, "cp")
	if err != nil {
		t.Fatal(err)
	}
	log, err := checkpoint.Open(store, "process 1 on test", token, func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Newest(); err != nil {
		t.Fatal(err)
	}
	if err := log.Claim(checkpoint.Claim{}); err != nil {
		t.Fatal(err)
	}
	return log
}

// TestEveryDamageIsFound flips a bit of every byte, cuts at every length and
// takes away each file that the newest checkpoint needs: it is never given out,
// and what is wrong is named.
func TestEveryDamageIsFound(t *testing.T) {
	t.Parallel()
	system := threeCheckpoints(t)
	names, err := system.List("cp")
	if err != nil {
		t.Fatal(err)
	}
	needed := filesOfNewest(t, system)
	tried := 0
	for _, name := range names {
		old := strings.HasPrefix(name, "checkpoint-") && name < "checkpoint-000000004" // needed by nothing
		if name == "lock" || name == "holder" || old || strings.HasSuffix(name, ".data") && !needed[name] {
			continue
		}
		path := "cp/" + name
		whole, err := vfs.ReadFile(system, path)
		if err != nil {
			t.Fatal(err)
		}
		try := func(what string, damaged []byte) {
			tried++
			if damaged == nil {
				err = system.Remove(path)
			} else {
				err = vfs.WriteFile(system, path, damaged)
			}
			if err != nil {
				t.Fatal(err)
			}
			checkFound(t, system, name, what)
		}
		for i := range whole {
			flipped := bytes.Clone(whole)
			flipped[i] ^= 1 << (i % 8)
			try(fmt.Sprintf("bit of byte %d flipped", i), flipped)
			try(fmt.Sprintf("cut to %d bytes", i), whole[:i:i])
		}
		try("taken away", nil)
		if err := vfs.WriteFile(system, path, whole); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d damages", tried)
}

// filesOfNewest returns the names of the files of the newest checkpoint.
func filesOfNewest(t *testing.T, system vfs.FS) map[string]bool {
	t.Helper()
	store, err := checkpoint.OpenStore(system, "cp")
	if err != nil {
		t.Fatal(err)
	}
	log, err := checkpoint.OpenToRead(store)
	if err != nil {
		t.Fatal(err)
	}
	m, err := log.Newest()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, f := range m.Files {
		named[f.Name] = true
	}
	return named
}

func checkFound(t *testing.T, system vfs.FS, name, what string) {
	t.Helper()
	store, err := checkpoint.OpenStore(system, "cp")
	if err != nil {
		t.Fatal(err)
	}
	log, err := checkpoint.OpenToRead(store)
	if err == nil {
		_, err = log.Newest()
	}
	if strings.HasPrefix(name, "LATEST-") {
		name = "" // the checkpoint that it speaks of may be named
	}
	if err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("%s %s: error = %v", name, what, err)
	}
}

// TestDamageNamesAnOlderCheckpoint: the message says which one is whole, and it
// can be opened.
func TestDamageNamesAnOlderCheckpoint(t *testing.T) {
	t.Parallel()
	system := threeCheckpoints(t)
	if err := vfs.WriteFile(system, "cp/checkpoint-000000004", []byte("nonsense")); err != nil {
		t.Fatal(err)
	}
	store, _ := checkpoint.OpenStore(system, "cp")
	log, err := checkpoint.OpenToRead(store)
	if err != nil {
		t.Fatal(err)
	}
	_, err = log.Newest()
	want := "checkpoint 3 is whole: start from it with --from cp/checkpoint-000000003"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Newest() error = %v, want %s in it", err, want)
	}
	if m, err := log.At("checkpoint-000000003"); err != nil || m.Number != 3 {
		t.Errorf("At() = %v, %v", m, err)
	}
}

// TestToRestore: damage of files of records that a checkpoint has when it is given out to
// be restored is found by who reads them, and by VerifyUnread where nobody has; each says
// what Newest does. What has been read is not looked at again.
func TestToRestore(t *testing.T) {
	t.Parallel()
	system := threeCheckpoints(t)
	toRestore := func() (*checkpoint.Log, *checkpoint.Manifest) {
		store, _ := checkpoint.OpenStore(system, "cp")
		log, err := checkpoint.OpenToRead(store)
		if err != nil {
			t.Fatal(err)
		}
		m, err := log.ToRestore()
		if err != nil {
			t.Fatal(err)
		}
		return log, m
	}
	read := func(log *checkpoint.Log, m *checkpoint.Manifest) error {
		return log.Image(m).Records(0, 0, 7, func(*state.Record) error { return nil })
	}
	_, whole := toRestore()
	for _, s := range whole.Operators[0].Sections {
		path := "cp/" + whole.Files[s.File].Name
		data, err := vfs.ReadFile(system, path)
		if err != nil {
			t.Fatal(err)
		}
		for what, damaged := range map[string][]byte{"cut": data[1:], "flipped": append([]byte{data[0] ^ 1}, data[1:]...), "missing": nil} {
			damage := func() {
				err := system.Remove(path)
				if damaged != nil {
					err = vfs.WriteFile(system, path, damaged)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			log, m := toRestore()
			if err := read(log, m); err != nil {
				t.Fatal(err)
			}
			damage()
			if err := log.VerifyUnread(m); err != nil {
				t.Errorf("%s, %s: what was read is looked at again: %v", path, what, err)
			}
			_, want := log.Newest()
			if want == nil {
				t.Fatalf("%s, %s: Newest() does not find it", path, what)
			}
			log, m = toRestore()
			if err := read(log, m); err == nil || log.Help(m, err).Error() != want.Error() {
				t.Errorf("%s, %s: Records() = %v, want %v", path, what, err, want)
			}
			if err := log.VerifyUnread(m); err == nil || err.Error() != want.Error() {
				t.Errorf("%s, %s: VerifyUnread() = %v, want %v", path, what, err, want)
			}
			if err := vfs.WriteFile(system, path, data); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestDamageOfAnotherName: a checkpoint that has been given the name of another is
// not taken for it.
func TestDamageOfAnotherName(t *testing.T) {
	t.Parallel()
	system := threeCheckpoints(t)
	other, err := vfs.ReadFile(system, "cp/checkpoint-000000003")
	if err != nil {
		t.Fatal(err)
	}
	if err := vfs.WriteFile(system, "cp/checkpoint-000000002", other); err != nil {
		t.Fatal(err)
	}
	store, _ := checkpoint.OpenStore(system, "cp")
	log, err := checkpoint.OpenToRead(store)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := log.At("checkpoint-000000002"); err == nil || !strings.Contains(err.Error(), "it holds checkpoint 3") {
		t.Errorf("At() = %v, %v", m, err)
	}
}

// TestDamageOfAnotherHistory: a checkpoint is whole, but not the one that was the
// newest.
func TestDamageOfAnotherHistory(t *testing.T) {
	t.Parallel()
	const name = "cp/checkpoint-000000004"
	system := threeCheckpoints(t)
	other, err := vfs.ReadFile(threeCheckpointsOf(t, "other"), name)
	if err == nil {
		err = vfs.WriteFile(system, name, other)
	}
	if err != nil {
		t.Fatal(err)
	}
	checkFound(t, system, "checkpoint-000000004", "of another history")
}

// TestLaterFormat: a checkpoint that a newer flowc has written is refused, and its
// version named.
func TestLaterFormat(t *testing.T) {
	t.Parallel()
	system := threeCheckpoints(t)
	const name = "cp/checkpoint-000000004"
	text, err := vfs.ReadFile(system, name)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := bytes.Cut(text, []byte("\n"))
	later := fmt.Appendf(nil, "flowc checkpoint %d %d %x\n%s", checkpoint.Latest+1, len(body), sha256.Sum256(body), body)
	marker := fmt.Appendf(nil, "%x\n", sha256.Sum256(later))
	err = errors.Join(vfs.WriteFile(system, name, later),
		vfs.WriteFile(system, "cp/LATEST-000000004", fmt.Appendf(nil, "flowc marker %d %d %x\n%s", checkpoint.Version1, len(marker), sha256.Sum256(marker), marker)))
	if err != nil {
		t.Fatal(err)
	}
	store, _ := checkpoint.OpenStore(system, "cp")
	log, err := checkpoint.OpenToRead(store)
	if err == nil {
		_, err = log.Newest()
	}
	want := fmt.Sprintf("its format has version %d, and this program knows %d and older", checkpoint.Latest+1, checkpoint.Latest)
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
		t.Errorf("error = %v, want %s of %s", err, want, name)
	}
}

// TestOneAtATime: a second process is refused with the first one's name, and one
// that has been overtaken can add nothing.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	system := vfs.NewMem()
	first := open(t, system, "first")
	store, _ := checkpoint.OpenStore(system, "cp")
	_, err := checkpoint.Open(store, "process 2 on test", "second", func(error) {})
	if err == nil || !strings.Contains(err.Error(), "process 1 on test") {
		t.Errorf("second Open() error = %v", err)
	}
	if err := first.Commit(&checkpoint.Manifest{}); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil { // its lock is gone, as on a host that was cut off
		t.Fatal(err)
	}
	second := open(t, system, "second")
	if err := first.Commit(&checkpoint.Manifest{}); !errors.Is(err, checkpoint.ErrFenced) {
		t.Errorf("Commit() of the first error = %v, want ErrFenced", err)
	}
	if err := second.Commit(&checkpoint.Manifest{}); err != nil {
		t.Errorf("Commit() of the second error = %v", err)
	}
}

// TestVersionOfMarker: a marker of which a bit of the version has flipped is as damaged as
// with any other, though there are manifests of that version.
func TestVersionOfMarker(t *testing.T) {
	t.Parallel()
	for bit := range 8 {
		system := threeCheckpoints(t)
		const name = "cp/LATEST-000000004"
		text, err := vfs.ReadFile(system, name)
		if err != nil {
			t.Fatal(err)
		}
		text[len("flowc marker ")] ^= 1 << bit
		if err := vfs.WriteFile(system, name, text); err != nil {
			t.Fatal(err)
		}
		store, _ := checkpoint.OpenStore(system, "cp")
		log, err := checkpoint.OpenToRead(store)
		if err == nil {
			_, err = log.Newest()
		}
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("with bit %d flipped: error = %v, want one of %s", bit, err, name)
		}
	}
}
