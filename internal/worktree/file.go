package worktree

import (
	"io/fs"
	"time"

	"github.com/chameleoncloud/refapi/internal/memfile"
)

// fileInfo is a file or directory that differs from what is on disk.
type fileInfo struct {
	name string
	mode fs.FileMode
	size int64
	time time.Time // zero for what is not on disk
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) Mode() fs.FileMode  { return i.mode }
func (i fileInfo) ModTime() time.Time { return i.time }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) Sys() any           { return nil }

// Open implements [fs.FS].
func (w *FS) Open(name string) (fs.File, error) { return memfile.Open(w, name) }
