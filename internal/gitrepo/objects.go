package gitrepo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/memory"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
)

// objectStore is [filesystem.ObjectStorage] or a memoryStore.
type objectStore interface {
	EncodedObject(plumbing.ObjectType, plumbing.Hash) (plumbing.EncodedObject, error)
	EncodedObjectSize(plumbing.Hash) (int64, error)
	HashesWithPrefix([]byte) ([]plumbing.Hash, error)
}

// memoryStore adds what memory.Storage lacks.
type memoryStore struct{ *memory.Storage }

func (m memoryStore) HashesWithPrefix(prefix []byte) ([]plumbing.Hash, error) {
	var found []plumbing.Hash
	for h := range m.Objects {
		if bytes.HasPrefix(h[:], prefix) {
			found = append(found, h)
		}
	}
	return found, nil
}

// object decodes an object from the first store that has it.
func (r *Repo) object(kind plumbing.ObjectType, id history.Hash, decode func(plumbing.EncodedObject) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, st := range r.stores {
		o, err := st.EncodedObject(kind, plumbing.Hash(id))
		switch {
		case errors.Is(err, plumbing.ErrObjectNotFound):
			continue
		case err != nil:
			return err
		}
		return decode(o)
	}
	return missing()
}

// Commit implements [history.Source].
func (r *Repo) Commit(id history.Hash) (*history.Commit, error) {
	var c object.Commit
	if err := r.object(plumbing.CommitObject, id, c.Decode); err != nil {
		return nil, err
	}
	commit := &history.Commit{
		ID:        id,
		Tree:      history.Hash(c.TreeHash),
		Author:    signature(c.Author, c.Encoding),
		Committer: signature(c.Committer, c.Encoding),
	}
	// Of a message git shows what stands before a NUL.
	message, _, _ := strings.Cut(c.Message, "\x00")
	commit.Message = decode(message, c.Encoding)
	if commit.Cut = r.shallow[c.Hash] && len(c.ParentHashes) > 0; !commit.Cut {
		for _, p := range c.ParentHashes {
			commit.Parents = append(commit.Parents, history.Hash(p))
		}
	}
	return commit, nil
}

// Tree implements [history.Source].
func (r *Repo) Tree(id history.Hash) ([]history.Entry, error) {
	var t object.Tree
	if err := r.object(plumbing.TreeObject, id, t.Decode); err != nil {
		return nil, err
	}
	entries := make([]history.Entry, len(t.Entries))
	for i, e := range t.Entries {
		entries[i] = history.Entry{Name: e.Name, Mode: uint32(e.Mode), Hash: history.Hash(e.Hash)}
	}
	return entries, nil
}

// Blob reads a file's content; false, and nothing, for one of more than limit
// bytes.
func (r *Repo) Blob(id history.Hash, limit int64) (data []byte, ok bool, err error) {
	err = r.object(plumbing.BlobObject, id, func(o plumbing.EncodedObject) error {
		if ok = o.Size() <= limit; !ok {
			return nil
		}
		in, err := o.Reader()
		if err != nil {
			return err
		}
		defer in.Close()
		data = make([]byte, o.Size())
		_, err = io.ReadFull(in, data)
		return err
	})
	return data, ok && err == nil, err
}

// blob reads a file's content, however long.
func (r *Repo) blob(id history.Hash) ([]byte, error) {
	data, _, err := r.Blob(id, math.MaxInt64)
	return data, err
}

// blobSize says how long a file is without reading it.
func (r *Repo) blobSize(id history.Hash) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, st := range r.stores {
		if n, err := st.EncodedObjectSize(plumbing.Hash(id)); !errors.Is(err, plumbing.ErrObjectNotFound) {
			return n, err
		}
	}
	return 0, missing()
}

// missing explains an object that is not there.
func missing() error {
	return hint.Wrap(fmt.Errorf("%w in the repository", plumbing.ErrObjectNotFound),
		"the clone is partial or damaged: check it with `git fsck`, or clone without --filter")
}

// signature reads who did something as git log does: the name ends at the first
// angle bracket, and a time that cannot be is the epoch; one that
// has no RFC 3339 form is the last that has.
func signature(s object.Signature, enc object.MessageEncoding) history.Signature {
	name, _, _ := strings.Cut(s.Name, "<")
	epoch := time.Unix(0, 0).UTC()
	if s.When.Before(epoch) {
		s.When = epoch
	}
	if last := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC); s.When.After(last) { // of RFC 3339
		s.When = last
	}
	return history.Signature{Name: decode(strings.TrimSpace(name), enc), When: s.When}
}

// decode turns text of a commit to UTF-8: from the encoding that the commit
// names, as git log does, and else by replacing what is not UTF-8.
func decode(text string, name object.MessageEncoding) string {
	if enc := find(string(name)); enc != nil {
		if s, err := enc.NewDecoder().String(text); err == nil {
			return s
		}
	}
	return strings.ToValidUTF8(text, "\ufffd")
}

// find looks for an encoding by its registered name, then by those that are in
// use; nil for UTF-8 and for unknown ones.
func find(name string) encoding.Encoding {
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8":
		return nil
	case "latin-1": // git knows it
		name = "ISO-8859-1"
	}
	if enc, err := ianaindex.MIME.Encoding(name); err == nil && enc != nil {
		return enc
	}
	enc, err := htmlindex.Get(name)
	if err != nil {
		return nil
	}
	return enc
}
