package tree

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
)

// PartsDir is the directory of a manifest's parts.
const PartsDir = "manifest"

// rootPart is the prefix of the part with the files that are in no directory.
const rootPart = "root"

// Part is the part of a manifest with the files whose paths have one prefix: the
// immutable ones, or the others.
type Part struct {
	Prefix    string `json:"prefix"` // such as "sites/uc" or "hardware"; "root" for files in no directory
	Immutable bool   `json:"immutable,omitzero"`
	SHA256    Digest `json:"sha256"` // of the part's own file
	Files     int    `json:"files"`  // with sidecars
	Bytes     int64  `json:"bytes"`  // of these files
}

// File returns the path of the part's own file.
func (p *Part) File() string {
	if p.Immutable {
		return path.Join(PartsDir, StoreDir, p.Prefix+".json")
	}
	return path.Join(PartsDir, p.Prefix+".json")
}

// partFile is what a part's file says of the part, with its entries.
type partFile struct {
	Prefix    string  `json:"prefix"`
	Immutable bool    `json:"immutable,omitzero"`
	Files     []Entry `json:"files"`
}

// partKey identifies a part.
type partKey struct {
	prefix    string
	immutable bool
}

func (p *Part) key() partKey { return partKey{p.Prefix, p.Immutable} }

// keyOf returns the key of the part that has a file.
func keyOf(file string, c Class) partKey { return partKey{prefixOf(file), c == Immutable} }

// otherClass is the key of the part with the other files of the prefix.
func (k partKey) otherClass() partKey { return partKey{k.prefix, !k.immutable} }

// compare orders keys by prefix, those of immutable files last.
func (k partKey) compare(o partKey) int {
	rank := map[bool]int{true: 1}
	return cmp.Or(strings.Compare(k.prefix, o.prefix), cmp.Compare(rank[k.immutable], rank[o.immutable]))
}

// prefixOf returns the prefix of the part that has a file: its first directory, and
// below sites its first two.
func prefixOf(file string) string {
	end := strings.IndexByte(file, '/')
	if end < 0 {
		return rootPart
	}
	if file[:end] != "sites" {
		return file[:end]
	}

	name := file[end+1:]
	if next := strings.IndexByte(name, '/'); next >= 0 {
		return file[:end+1+next]
	}
	return strings.TrimSuffix(file, path.Ext(name)) // sites/uc.json is listed with what is below sites/uc
}

// newPart describes a part by its entries. The digest
// comes with [Manifest.EncodePart].
func newPart(key partKey, entries []Entry) Part {
	p := Part{Prefix: key.prefix, Immutable: key.immutable}
	for i := range entries {
		for f := range entries[i].Forms() {
			p.Files++
			p.Bytes += f.Size
		}
	}

	return p
}

// valid reports whether a release can have the part.
func (p *Part) valid() bool {
	file := p.File()
	return p.Prefix != "" && path.Clean(file) == file && strings.HasPrefix(file, PartsDir+"/") &&
		prefixOf(p.Prefix+"/x") == p.Prefix && p.Files >= 0 && p.Bytes >= 0
}

// EncodePart returns the file of a part as JSON, one file of the release per line, and
// notes its digest in the root.
func (m *Manifest) EncodePart(i int) ([]byte, error) {
	p := &m.Parts[i]
	entries, err := m.Entries(i)
	if err != nil {
		return nil, err
	}

	var out bytes.Buffer
	head, err := jsonv2.Marshal(partFile{Prefix: p.Prefix, Immutable: p.Immutable, Files: []Entry{}})
	if err != nil {
		return nil, err
	}

	out.Write(bytes.TrimSuffix(head, []byte("[]}")))
	if err := writeRows(&out, "", entries); err != nil {
		return nil, err
	}

	out.WriteString("}\n")
	p.SHA256 = DigestOf(out.Bytes())
	return out.Bytes(), nil
}

// TakePart reports whether a part has the same files as that of another manifest, whose
// file it then shares.
func (m *Manifest) TakePart(i int, other *Manifest) bool {
	n, ok := other.byKey[m.Parts[i].key()]
	if !ok {
		return false
	}

	ours, err := m.Entries(i)
	theirs, unread := other.Entries(n)
	same := func(a, b Entry) bool {
		return a.Equal(&b) && a.Moved == b.Moved && a.Fingerprint == b.Fingerprint &&
			equalVariants(a.Gzip, b.Gzip) && equalVariants(a.Brotli, b.Brotli)
	}
	if err != nil || unread != nil || !slices.EqualFunc(ours, theirs, same) {
		return false
	}

	m.Parts[i].SHA256 = other.Parts[n].SHA256
	return true
}

func equalVariants(a, b *Variant) bool { return a == b || a != nil && b != nil && *a == *b }

// PartTime returns the modification time of a part's file: the newest of its files.
func (m *Manifest) PartTime(i int) (newest time.Time) {
	entries, _ := m.Entries(i)
	for n := range entries {
		if t := entries[n].Time; t.After(newest) {
			newest = t
		}
	}
	return newest
}

// reader returns a function that reads the entries of the part once. What could not be
// read is tried again, since it may be there later; what was wrong stays so. Known returns
// the entries of a part with the same digest, and may be nil.
func (p *Part) reader(read func(file string) ([]byte, error), known func() ([]Entry, error)) func() ([]Entry, error) {
	var lock sync.Mutex
	var entries []Entry
	var wrong error
	done := false

	return func() ([]Entry, error) {
		lock.Lock()
		defer lock.Unlock()

		if !done {
			src, err := read(p.File())
			if err != nil {
				return nil, fmt.Errorf("read the manifest: %w", err)
			}
			entries, wrong = p.parse(src, known)
			known, done = nil, true
		}

		return entries, wrong
	}
}

// parse returns the entries in a part's file. One that has not the digest of the root is
// an error, and so is an entry that no release can have.
func (p *Part) parse(src []byte, known func() ([]Entry, error)) ([]Entry, error) {
	failed := func(format string, args ...any) error {
		return fmt.Errorf("read %s: %w", p.File(), fmt.Errorf(format, args...))
	}

	if DigestOf(src) != p.SHA256 {
		return nil, failed("it does not have the SHA-256 of %s", ManifestFile)
	}

	if known != nil {
		if entries, err := known(); err == nil {
			return entries, nil
		}
	}

	var part partFile
	if err := jsonv2.Unmarshal(src, &part); err != nil {
		return nil, failed("%w", err)
	}

	for i := range part.Files {
		e := &part.Files[i]
		switch {
		case !ValidPath(e.Path) || IsSidecar(e.Path):
			return nil, failed("bad path %q", e.Path)
		case keyOf(e.Path, e.Class) != p.key():
			return nil, failed("%q is of another part", e.Path)
		case i > 0 && part.Files[i-1].Path >= e.Path:
			return nil, failed("%q is duplicated or out of order", e.Path)
		case !e.validSizes():
			return nil, failed("bad size of %q", e.Path)
		case e.Moved < 0:
			return nil, failed("bad time of %q", e.Path)
		}
	}

	return part.Files, nil
}

// validSizes reports whether no form of the file has a negative size.
func (e *Entry) validSizes() bool {
	for f := range e.Forms() {
		if f.Size < 0 {
			return false
		}
	}
	return true
}
