// Package private keeps private what the operator does not publish: it stands between a
// repository and all that is made of it, and takes values out of files and names out of
// commits where these are read.
package private

import (
	"fmt"
	"path"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Repository reads the objects of a repository.
type Repository interface {
	history.Source
	// Blob reads a file's content; false for one of more than limit bytes.
	Blob(id history.Hash, limit int64) (data []byte, ok bool, err error)
	// Link is Blob for the target of a symbolic link.
	Link(id history.Hash, limit int64) (data []byte, ok bool, err error)
}

// Rules are what is not published. The zero value publishes everything but addresses.
type Rules struct {
	Hidden Hidden
	// HideAuthors leaves out who committed, and the lines of messages that credit people.
	HideAuthors bool
}

// View is a repository as it is published. It may be used by several goroutines if the
// repository may.
type View struct {
	Repository
	rules  Rules
	people mailmap
}

// maxMailmap is the largest .mailmap that is read, in bytes.
const maxMailmap = 4 << 20

// NewView returns the view of a repository, with the .mailmap of a commit: that is the
// one which counts for the complete history.
func NewView(repo Repository, head history.Hash, rules Rules) (*View, error) {
	v := &View{Repository: repo, rules: rules}
	c, err := repo.Commit(head)
	if err != nil {
		return nil, fmt.Errorf("read commit %s: %w", head, err)
	}

	entries, err := repo.Tree(c.Tree)
	if err != nil {
		return nil, fmt.Errorf("look for %s: %w", MailmapFile, err)
	}

	for _, e := range entries {
		entry := history.Entry{Mode: e.Mode, Hash: e.Hash}
		if e.Name != MailmapFile || !entry.Regular() { // git follows no link there
			continue
		}

		text, ok, err := repo.Blob(e.Hash, maxMailmap)
		if err == nil && !ok {
			err = fmt.Errorf("it has more than %d MiB", maxMailmap>>20)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", MailmapFile, err)
		}
		v.people = parseMailmap(string(text))
	}

	return v, nil
}

// Commit implements [history.Source].
func (v *View) Commit(id history.Hash) (*history.Commit, error) {
	c, err := v.Repository.Commit(id)
	if err != nil {
		return nil, err
	}

	shown := *c
	if v.rules.HideAuthors {
		shown.Author = history.Signature{When: c.Author.When}
		shown.Committer = history.Signature{When: c.Committer.When}
		shown.Message = withoutCredits(c.Message)
	} else {
		shown.Author.Name = v.people.nameOf(c.Author)
		shown.Committer.Name = v.people.nameOf(c.Committer)
	}

	return &shown, nil
}

// Blob implements [Repository].
func (v *View) Blob(id history.Hash, limit int64) ([]byte, bool, error) {
	data, ok, err := v.Repository.Blob(id, limit)
	return v.Text(data), ok, err
}

// Hides reports whether values are taken out of files.
func (v *View) Hides() bool { return len(v.rules.Hidden.pointers) > 0 }

// Text returns a file as it is published. Where values are hidden, a file that is not a
// valid object is empty: it is no resource, and where the values are in it is not known.
// A file that has none of them keeps all its bytes, and another is compact.
func (v *View) Text(data []byte) []byte {
	if !v.Hides() {
		return data
	}

	object, err := rawjson.Compact(data, inventory.FileLimits())
	if err != nil {
		return nil
	}
	if rest := v.rules.Hidden.pointers.Remove(object); len(rest) < len(object) {
		return rest
	}

	return data
}

// File is Text for a file by its name: Markdown has no values that a pointer could name. It
// is published as it is, unless it is JSON by another name.
func (v *View) File(name string, data []byte) []byte {
	text := v.Text(data)
	if text == nil && path.Ext(name) == ".md" {
		return data
	}
	return text
}
