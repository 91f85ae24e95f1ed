package tree

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
)

// ManifestFile is the path of the manifest's root in every release.
const ManifestFile = "manifest.json"

// Release describes the input of a release. It is the head of the manifest.
type Release struct {
	// ID identifies the release: it is the same for the same commit, generator and
	// options. It is a file name.
	ID string `json:"release"`
	// Commit is the full hash; CommitTime the committer's time.
	Commit     string    `json:"commit"`
	CommitTime time.Time `json:"commit_time"`
	// Dirty reports that files were read from disk, not from the commit.
	Dirty bool `json:"dirty"`
	// Shallow reports that the history is that of a shallow clone.
	Shallow bool `json:"shallow"`
	// Generator is the program and its version.
	Generator string `json:"generator"`
	// Options are the options that affect the output.
	Options any `json:"options"`
	// Counts are the numbers of resources of each kind.
	Counts any `json:"counts"`
}

// Base returns the prefix of the release's links, from its options.
func (r *Release) Base() string { return r.option("base") }

// Published returns the URL of the published site, from the release's options; by
// default Base.
func (r *Release) Published() string { return cmp.Or(r.option("url"), r.Base()) }

// Host returns the host of plain files that the release is for, "" for none.
func (r *Release) Host() string { return r.option("host") }

// Suffix returns what follows the paths of resources in the release's links.
func (r *Release) Suffix() string { return r.option("link_suffix") }

// option returns an option that is a string, of a manifest that was read.
func (r *Release) option(name string) string {
	options, _ := r.Options.(map[string]any)
	text, _ := options[name].(string)
	return text
}

// Manifest describes a release: its input, and every file except the manifest's own.
// The root has the digest of each part, so that a root that is trusted is enough to
// trust all.
type Manifest struct {
	Release
	Parts []Part `json:"parts"` // sorted

	load  []func() ([]Entry, error) // as Parts
	byKey map[partKey]int
}

// Collector collects the files of a release. Its zero value is ready to use.
type Collector struct{ parts map[partKey][]Entry }

// Add adds a file.
func (c *Collector) Add(e Entry) {
	if c.parts == nil {
		c.parts = map[partKey][]Entry{}
	}
	key := keyOf(e.Path, e.Class)
	c.parts[key] = append(c.parts[key], e)
}

// Manifest returns the manifest of the files. The collector must not be used any more.
func (c *Collector) Manifest(rel Release) *Manifest {
	m := &Manifest{Release: rel}
	keys := slices.SortedFunc(maps.Keys(c.parts), partKey.compare)
	for _, key := range keys {
		entries := c.parts[key]
		slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
		m.Parts = append(m.Parts, newPart(key, entries))
		m.load = append(m.load, func() ([]Entry, error) { return entries, nil })
	}

	m.index()
	return m
}

// index notes where each part is.
func (m *Manifest) index() {
	m.byKey = make(map[partKey]int, len(m.Parts))
	for i := range m.Parts {
		m.byKey[m.Parts[i].key()] = i
	}
}

// ParseManifest reads the root of a manifest. Parts are read when they are needed, by a
// function that returns the content of a file of the release.
func ParseManifest(src []byte, read func(file string) ([]byte, error)) (*Manifest, error) {
	m := &Manifest{}
	if err := jsonv2.Unmarshal(src, m); err != nil { // three times as fast as encoding/json
		return nil, fmt.Errorf("read %s: %w", ManifestFile, err)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("read %s: %w", ManifestFile, err)
	}

	for i := range m.Parts {
		m.load = append(m.load, m.Parts[i].reader(read, nil))
	}

	m.index()
	return m, nil
}

// Share takes the entries of parts that another manifest has with the same digest from
// that one. Their files are still read, and compared with the digest, but not parsed.
func (m *Manifest) Share(other *Manifest, read func(file string) ([]byte, error)) {
	for i := range m.Parts {
		p := &m.Parts[i]
		if n, ok := other.byKey[p.key()]; ok && other.Parts[n].SHA256 == p.SHA256 {
			m.load[i] = p.reader(read, other.load[n])
		}
	}
}

// check rejects a manifest that no release can have.
func (m *Manifest) check() error {
	switch {
	case m.ID == "" || m.Commit == "":
		return errors.New("release or commit is missing")
	case len(m.Parts) == 0:
		return errors.New("it names no parts")
	}

	for i := range m.Parts {
		p := &m.Parts[i]
		switch {
		case !p.valid():
			return fmt.Errorf("bad part %q", p.Prefix)
		case i > 0 && m.Parts[i-1].key().compare(p.key()) >= 0:
			return fmt.Errorf("part %q is duplicated or out of order", p.Prefix)
		}
	}

	return nil
}

// Entries returns the files of a part, given by its index in Parts, sorted by path.
func (m *Manifest) Entries(part int) ([]Entry, error) { return m.load[part]() }

// Load reads all parts. The error joins those of the parts that cannot be read.
func (m *Manifest) Load() error {
	failed := make([]error, len(m.Parts))
	var wg sync.WaitGroup
	for i := range m.Parts {
		wg.Go(func() { _, failed[i] = m.load[i]() })
	}

	wg.Wait()
	return errors.Join(failed...)
}

// Files yields all files, part by part; none of a part that cannot be read.
func (m *Manifest) Files() iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		for i := range m.Parts {
			entries, _ := m.Entries(i)
			for n := range entries {
				if !yield(&entries[n]) {
					return
				}
			}
		}
	}
}

// Lookup returns the entry of a path, nil if there is none, or if its part of the
// manifest cannot be read.
func (m *Manifest) Lookup(p string) *Entry {
	e, _ := m.Find(p)
	return e
}

// Find is [Manifest.Lookup] for those to whom a file that there is not, and one of which
// nobody knows because a part cannot be read, are not the same.
func (m *Manifest) Find(p string) (*Entry, error) {
	e, err := m.search(p, OfHead)
	if e == nil && err == nil {
		e, err = m.search(p, Immutable)
	}
	return e, err
}

// LookupClass returns the entry of a path among the immutable files, or, for another
// class, among the others. It reads one part only.
func (m *Manifest) LookupClass(p string, c Class) *Entry {
	e, _ := m.search(p, c)
	return e
}

// search is [Manifest.LookupClass] with the error of a part that cannot be read.
func (m *Manifest) search(p string, c Class) (*Entry, error) {
	i, ok := m.byKey[keyOf(p, c)]
	if !ok {
		return nil, nil
	}
	if e := m.find(i, p); e != nil {
		return e, nil
	}

	_, err := m.Entries(i)
	return nil, err
}

// Lists reports whether a release directory may have a file of this path: one of the
// release, a sidecar of it, or the manifest's own. Immutable ones may be in a store.
func (m *Manifest) Lists(p string, stored bool) bool {
	isPart := func(part Part) bool { return part.File() == p }
	if p == ManifestFile || slices.ContainsFunc(m.Parts, isPart) {
		return true
	}

	file, _ := CutSidecar(p)
	e := m.LookupClass(file, OfHead)
	if e == nil && !stored {
		e = m.LookupClass(file, Immutable)
	}
	if e == nil {
		return false
	}

	for f := range e.Forms() {
		if f.Path == p {
			return true
		}
	}
	return false
}

// Pairs yields each file of the manifest with the file of the same path in another one,
// nil if there is none, and then, with nil, each file that only the other one has.
func (m *Manifest) Pairs(other *Manifest) iter.Seq2[*Entry, *Entry] {
	return func(yield func(*Entry, *Entry) bool) {
		for e, old := range m.pairs(other) {
			if !yield(e, old) {
				return
			}
		}
		for old, e := range other.pairs(m) {
			if e == nil && !yield(nil, old) {
				return
			}
		}
	}
}

// pairs yields the files of the manifest with those of another one, by walking through
// parts of the same key together.
func (m *Manifest) pairs(other *Manifest) iter.Seq2[*Entry, *Entry] {
	return func(yield func(*Entry, *Entry) bool) {
		for i := range m.Parts {
			entries, _ := m.Entries(i)
			var theirs []Entry
			key := m.Parts[i].key()
			if n, ok := other.byKey[key]; ok {
				theirs, _ = other.Entries(n)
			}

			n := 0
			for k := range entries {
				e := &entries[k]
				for n < len(theirs) && theirs[n].Path < e.Path {
					n++
				}

				var old *Entry
				if n < len(theirs) && theirs[n].Path == e.Path {
					old = &theirs[n]
				} else if n, ok := other.byKey[key.otherClass()]; ok { // it may be of another class now
					old = other.find(n, e.Path)
				}

				if !yield(e, old) {
					return
				}
			}
		}
	}
}

// Duplicate returns a path that several files have.
func (m *Manifest) Duplicate() (p string, ok bool) {
	for i := range m.Parts {
		entries, _ := m.Entries(i)
		for n := range entries {
			if n > 0 && entries[n].Path == entries[n-1].Path {
				return entries[n].Path, true
			}
		}
	}

	for i := range m.Parts {
		other, ok := m.byKey[m.Parts[i].key().otherClass()]
		if !ok || m.Parts[i].Immutable {
			continue
		}

		entries, _ := m.Entries(i)
		for n := range entries {
			if m.find(other, entries[n].Path) != nil {
				return entries[n].Path, true
			}
		}
	}

	return "", false
}

// find returns the entry of a path in a part, nil if there is none.
func (m *Manifest) find(part int, p string) *Entry {
	entries, _ := m.Entries(part)
	n, ok := slices.BinarySearchFunc(entries, p, func(e Entry, p string) int { return strings.Compare(e.Path, p) })
	if !ok {
		return nil
	}
	return &entries[n]
}

// Count returns the number of files, with sidecars.
func (m *Manifest) Count() (n int) {
	for _, p := range m.Parts {
		n += p.Files
	}
	return n
}

// rootFile is a file that changes with every commit.
const rootFile = "index.json"

// Time returns the modification time of the manifest's root: that of the root resource,
// which also changes with every commit. A commit's own time may not be unique.
func (m *Manifest) Time() time.Time {
	if e := m.LookupClass(rootFile, OfHead); e != nil {
		return e.Time
	}

	var newest time.Time
	for e := range m.Files() {
		if e.Time.After(newest) {
			newest = e.Time
		}
	}

	return newest
}

// Encode returns the root as JSON: the head indented, for readers, and one part per
// line.
func (m *Manifest) Encode() ([]byte, error) {
	head, err := json.MarshalIndent(m.Release, "", "  ")
	if err != nil {
		return nil, err
	}

	var out bytes.Buffer
	out.Write(head[:len(head)-len("\n}")])
	out.WriteString(",\n  \"parts\": ")
	if err := writeRows(&out, "  ", m.Parts); err != nil {
		return nil, err
	}

	out.WriteString("\n}\n")
	return out.Bytes(), nil
}

// writeRows writes an array of JSON with one element per line.
func writeRows[T any](out *bytes.Buffer, indent string, rows []T) error {
	out.WriteByte('[')
	for i := range rows {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n" + indent + "  ")
		if err := jsonv2.MarshalWrite(out, &rows[i]); err != nil {
			return err
		}
	}

	out.WriteString("\n" + indent + "]")
	return nil
}
