package publish

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
)

// ManifestFile is the manifest's path in every release.
const ManifestFile = "manifest.json"

// Release says what a release was made from. It is the manifest's head.
type Release struct {
	// ID names the release: the same commit, generator and options have the
	// same. It is a file name.
	ID string `json:"release"`
	// Commit is the full hash; CommitTime the committer's time.
	Commit     string    `json:"commit"`
	CommitTime time.Time `json:"commit_time"`
	// Dirty says that files came from the disk and not from the commit.
	Dirty bool `json:"dirty"`
	// Shallow says that the history was cut by a shallow clone.
	Shallow bool `json:"shallow"`
	// Generator is the program and its version.
	Generator string `json:"generator"`
	// Options are the choices that show in the output.
	Options any `json:"options"`
	// Counts are the numbers of resources of each kind.
	Counts any `json:"counts"`
}

// Manifest describes a release: what it was made from, and every file of it
// but the manifest itself.
type Manifest struct {
	Release
	Files []Entry `json:"files"` // sorted by path

	byPath map[string]*Entry
}

// Entry is one file of a release.
type Entry struct {
	Path   string    `json:"path"` // slash-separated, below the release's root
	Size   int64     `json:"size"` // bytes
	SHA256 string    `json:"sha256"`
	Time   time.Time `json:"modified"` // whole seconds, UTC
	// Moved is by how many seconds Time is earlier than the generator had it.
	Moved int `json:"moved,omitzero"`
}

// Base is what the release's links start with, as its options say: "" where they
// say nothing.
func (r *Release) Base() string { return r.option("base") }

// Published is the URL of the published site, as the release's options say, or
// else what its links start with.
func (r *Release) Published() string { return cmp.Or(r.option("url"), r.Base()) }

// option is an option that is a text, of a manifest that was read.
func (r *Release) option(name string) string {
	o, _ := r.Options.(map[string]any)
	text, _ := o[name].(string)
	return text
}

// Equal reports whether two entries have the same path, bytes and time.
func (e Entry) Equal(o Entry) bool {
	return e.Path == o.Path && e.SHA256 == o.SHA256 && e.Size == o.Size && e.Time.Equal(o.Time)
}

// Lookup returns the entry of a path, nil where there is none.
func (m *Manifest) Lookup(p string) *Entry {
	if m == nil {
		return nil
	}
	return m.byPath[p]
}

func (m *Manifest) index() {
	m.byPath = make(map[string]*Entry, len(m.Files))
	for i := range m.Files {
		m.byPath[m.Files[i].Path] = &m.Files[i]
	}
}

// validPath reports whether a file of a release may have a path: one that leads
// out of no tree, and not the manifest's.
func validPath(p string) bool { return fs.ValidPath(p) && p != "." && p != ManifestFile }

// ParseManifest reads what encode wrote. What cannot be a file of a release is
// an error.
func ParseManifest(src []byte) (*Manifest, error) {
	m := &Manifest{}
	if err := jsonv2.Unmarshal(src, m); err != nil { // in a third of the time
		return nil, fmt.Errorf("read %s: %w", ManifestFile, err)
	}
	if m.ID == "" || m.Commit == "" {
		return nil, fmt.Errorf("read %s: it names no release or no commit", ManifestFile)
	}
	for i, e := range m.Files {
		switch sum, err := hex.DecodeString(e.SHA256); {
		case !validPath(e.Path):
			return nil, fmt.Errorf("read %s: bad path %q", ManifestFile, e.Path)
		case i > 0 && m.Files[i-1].Path >= e.Path:
			return nil, fmt.Errorf("read %s: %q stands twice or not in its order", ManifestFile, e.Path)
		case err != nil || len(sum) != sha256.Size || e.Size < 0:
			return nil, fmt.Errorf("read %s: bad size or SHA-256 of %q", ManifestFile, e.Path)
		case e.Moved < 0:
			return nil, fmt.Errorf("read %s: bad time of %q", ManifestFile, e.Path)
		}
	}
	m.index()
	return m, nil
}

// frontPage is a file that changes with every commit.
const frontPage = "index.json"

// time is the manifest's own modification time: like the manifest, the front
// page changes with every commit, and a commit's own time may be that of
// another, too.
func (m *Manifest) time() time.Time {
	if e := m.Lookup(frontPage); e != nil {
		return e.Time
	}
	var newest time.Time
	for i := range m.Files {
		if t := m.Files[i].Time; t.After(newest) {
			newest = t
		}
	}
	return newest
}

// encode writes the head indented, for people, and one file a line.
func (m *Manifest) encode() ([]byte, error) {
	head, err := json.MarshalIndent(m.Release, "", "  ")
	if err != nil {
		return nil, err
	}
	out := append(head[:len(head)-len("\n}")], ",\n  \"files\": ["...)
	for i := range m.Files {
		if i > 0 {
			out = append(out, ',')
		}
		row, err := json.Marshal(&m.Files[i])
		if err != nil {
			return nil, err
		}
		out = append(append(out, "\n    "...), row...)
	}
	return append(out, "\n  ]\n}\n"...), nil
}
