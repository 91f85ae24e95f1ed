// Package tree defines a release: its files, their compressed sidecars, their valid
// paths, and the manifest that lists them. It does no I/O: its subpackages read
// releases from a disk or a server.
package tree

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// Class says what a file is a function of, besides what crosses every file: the
// options, the generator and the boundary of a shallow history.
type Class uint8

// The classes.
const (
	// OfHead is the class of files that depend on HEAD.
	OfHead Class = iota
	// OfPath is that of files that depend on one resource's log, or on one segment of the
	// history, alone.
	OfPath
	// Immutable is that of files that depend on one commit alone.
	Immutable
)

// classNames are the classes' names in manifests.
var classNames = []string{OfHead: "head", OfPath: "path", Immutable: "immutable"}

// String returns the name of the class in manifests.
func (c Class) String() string { return classNames[c] }

// MarshalText implements [encoding.TextMarshaler].
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (c *Class) UnmarshalText(name []byte) error {
	i := slices.Index(classNames, string(name))
	if i < 0 {
		return fmt.Errorf("%q is not a class of files", name)
	}
	*c = Class(i)
	return nil
}

// File is one file of a release, without its sidecars.
type File struct {
	Path  string // slash-separated, below the release's root
	Class Class
	Time  time.Time // modification time: UTC, without fractions of a second

	// Fingerprint is a digest of all that the file is made from: files of one path with
	// equal fingerprints have equal bytes. "" is unknown, and the file has to be
	// rendered to be compared.
	Fingerprint string

	Plain bool // compressed forms of it are of no use

	Body []byte
	Gzip []byte // the body compressed with gzip, if it was already available

	// Links are the URLs of this site that the file links to or loads, as written in
	// it. The renderer knows them, so nobody has to parse the file. Those of a file with
	// a fingerprint are known before it is rendered.
	Links []string

	// Render returns the file with its body and links; nil for one that has them. It may
	// be called once, before the next file is asked for.
	Render func() (File, error)
}

// Rendered returns the file with its body and links.
func (f File) Rendered() (File, error) {
	if f.Render == nil {
		return f, nil
	}
	return f.Render()
}

// Suffixes of sidecars: the compressed forms of a file, which are stored next to
// it for servers to choose from.
const (
	GzipSuffix   = ".gz"
	BrotliSuffix = ".br"
)

// CutSidecar splits the path of a sidecar into the path of its file and the suffix.
// Any other path is returned unchanged, with the suffix "".
func CutSidecar(p string) (file, suffix string) {
	switch suffix := path.Ext(p); suffix {
	case GzipSuffix, BrotliSuffix:
		return strings.TrimSuffix(p, suffix), suffix
	}
	return p, ""
}

// IsSidecar reports whether a path is that of a sidecar.
func IsSidecar(p string) bool {
	_, suffix := CutSidecar(p)
	return suffix != ""
}

// StoreDir is the name of a release's link to the directory with its immutable files.
// They lie in it by their paths, so servers look there for what is not in the release.
const StoreDir = "immutable"

// ValidPath reports whether a file of a release may have this path: one inside the
// tree, other than those of the manifest and of the link to the immutable files.
func ValidPath(p string) bool {
	top, _, _ := strings.Cut(p, "/")
	return fs.ValidPath(p) && p != "." && p != ManifestFile && top != PartsDir && top != StoreDir
}
