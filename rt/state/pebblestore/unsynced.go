package pebblestore

import (
	"errors"
	"path/filepath"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// unsynced is a file system whose files are not synced, and where no tables are
// written once the database is to end.
type unsynced struct {
	vfs.FS
	ending *atomic.Bool
}

func (u unsynced) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := u.FS.Create(name, category)
	if err != nil {
		return nil, err
	}
	if filepath.Ext(name) == tableSuffix {
		return endingFile{noSync{f}, u.ending}, nil
	}
	return noSync{f}, nil
}

func (u unsynced) OpenReadWrite(name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	return unsyncedFile(u.FS.OpenReadWrite(name, category, opts...))
}

func (u unsynced) OpenDir(name string) (vfs.File, error) { return unsyncedFile(u.FS.OpenDir(name)) }

func (u unsynced) ReuseForWrite(old, name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return unsyncedFile(u.FS.ReuseForWrite(old, name, category))
}

type noSync struct{ vfs.File }

func unsyncedFile(f vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return noSync{f}, nil
}

func (noSync) Sync() error                { return nil }
func (noSync) SyncData() error            { return nil }
func (noSync) SyncTo(int64) (bool, error) { return false, nil }

// endingFile is a table that a compaction writes.
type endingFile struct {
	noSync
	ending *atomic.Bool
}

var errEnding = errors.New("the database ends")

func (f endingFile) Write(b []byte) (int, error) {
	if f.ending.Load() {
		return 0, errEnding
	}
	return f.noSync.Write(b)
}
