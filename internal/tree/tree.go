// Package tree owns what a release is: its files, their compressed sidecars,
// which paths they may have, and the manifest that lists them. It is pure: what
// reads a release from a disk or a server is in the packages below it.
package tree

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// File is one file of a release, without its sidecars.
type File struct {
	Path string // slash-separated, below the release's root
	Body []byte
	Gzip []byte    // the body compressed with gzip, nil where it was not at hand
	Time time.Time // modification time: whole seconds, UTC

	// Links are the URLs of this site that it links to and loads, as it has them:
	// whoever renders a file knows them.
	Links []string
}

// Suffixes of sidecars: the compressed forms of a file, which are stored next to
// it for servers to choose from.
const (
	GzipSuffix   = ".gz"
	BrotliSuffix = ".br"
)

// CutSidecar splits the path of a sidecar into that of the file whose
// compressed form it is, and the suffix. Any other path is returned as it is,
// with the suffix "".
func CutSidecar(p string) (file, suffix string) {
	switch suffix := path.Ext(p); suffix {
	case GzipSuffix, BrotliSuffix:
		return strings.TrimSuffix(p, suffix), suffix
	}
	return p, ""
}

// IsSidecar reports whether a path is that of a compressed form of a file.
func IsSidecar(p string) bool {
	_, suffix := CutSidecar(p)
	return suffix != ""
}

// ValidPath reports whether a file of a release may have a path: one that stays
// in the tree, and is not the manifest's.
func ValidPath(p string) bool { return fs.ValidPath(p) && p != "." && p != ManifestFile }

// sortByPath puts entries in the order that a manifest has them in.
func sortByPath(entries []Entry) {
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
}
