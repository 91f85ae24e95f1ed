// Package past stores the JSON files of all commits of a history, so that any file can
// be read as of any commit without the repository.
//
// It follows the segments of the history ([history.History.Segments]). Each has two
// files, which depend on the segment alone:
//
//   - A pack, as git writes them (gitformat-pack(5), version 2): the contents of the
//     files that the segment's commits brought and no earlier segment has. An object is
//     stored whole or as a delta: of another version of the file, or of a similar file
//     next to it. The base is before it in the pack (OFS_DELTA) or in the pack of an
//     earlier segment (REF_DELTA), so git reads a pack with `git index-pack --stdin
//     --fix-thin` in a repository that has the earlier ones.
//   - An index: which commits the segment has, which objects are where in the pack, and
//     for each path what the commits changed.
//
// The package does no I/O: the contents of files come from a [Source], and packs are
// read through [io.ReaderAt].
package past

import (
	"path"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
)

// Source reads the content of files.
type Source interface {
	// Blob reads a file's content; false for one of more than limit bytes.
	Blob(id history.Hash, limit int64) (data []byte, ok bool, err error)
	// Link is Blob for the target of a symbolic link.
	Link(id history.Hash, limit int64) (data []byte, ok bool, err error)
}

// Input is what packs are made from.
type Input struct {
	History *history.History
	// Files has the files that changed below Dir.
	Files  *history.Files
	Source Source
	// Rewritten reports that the source may return other texts than those that the ids
	// name: git replaces objects (git-replace(1)), and private values are taken out. Then
	// texts are stored under their own ids. Those of the repository would confirm a guess
	// of what was taken out.
	Rewritten bool
	// Dir is the data directory, below the root of the repository.
	Dir string
}

// TreeDir is the directory of a release that has the files of the segments.
const TreeDir = "past"

// Suffixes of the files of a segment, after its name.
const (
	PackSuffix  = ".pack"
	IndexSuffix = ".idx"
)

// Bounds of what is stored. A reader refuses what goes beyond.
const (
	// maxDepth is the longest chain of deltas in one pack, git's own default.
	maxDepth = 50
	// maxWeight bounds the bytes of all texts along such a chain.
	maxWeight = 8 << 20
)

// maxText is the longest text, in bytes: longer files are not resources.
func maxText() int { return inventory.FileLimits().Bytes }

// isStored reports whether a path is one whose content is stored: a JSON file, which
// may be that of a resource. What resources are is not decided here: a link may have
// any of them as its target, and kinds may be added.
func isStored(p string) bool { return path.Ext(p) == ".json" }

// isBlob reports whether an entry of a tree has content: a file or a link, and not a
// submodule.
func isBlob(e history.Entry) bool { return e.Regular() || isLink(e) }

func isLink(e history.Entry) bool { return e.Mode&0o170000 == 0o120000 }
