package gitrepo

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
)

// maxLooks bounds how often one object is looked for while the repository is
// being repacked.
const maxLooks = 10

// find looks an object up, and again after listing the packs on
// disk: git may have repacked it in the meantime. It is missing when it is not there
// after a listing that has not changed: between listing packs and opening them git
// may have replaced them once more.
func (r *Repo) find(h plumbing.Hash) (rawObject, error) {
	r.mu.Lock()
	defer r.mu.Unlock()

	changed := true
	for looks := 0; ; looks++ {
		o, err := r.objects.object(h)
		if !errors.Is(err, plumbing.ErrObjectNotFound) {
			return o, err
		}

		if looks > 1 && !changed || looks == maxLooks {
			return rawObject{}, hint.Wrap(fmt.Errorf("%w in the repository", err), "%s", r.lacking)
		}
		if changed, err = r.objects.reopen(); err != nil {
			return rawObject{}, err
		}
	}
}

// object reads an object of a kind, or what replaces it.
func (r *Repo) object(kind plumbing.ObjectType, id history.Hash) (rawObject, error) {
	h, err := r.substitutes.object(plumbing.Hash(id))
	if err != nil {
		return rawObject{}, err
	}

	o, err := r.find(h)
	if err == nil && kind != plumbing.AnyObject && o.kind != kind {
		err = fmt.Errorf("it is a %s, not a %s", o.kind, kind)
	}

	return o, err
}

// encoded is an object in the form that go-git decodes.
func (o rawObject) encoded() plumbing.EncodedObject {
	e := new(plumbing.MemoryObject)
	e.SetType(o.kind)
	e.Write(o.data) // a buffer takes all
	return e
}

// Commit implements [history.Source].
func (r *Repo) Commit(id history.Hash) (*history.Commit, error) {
	o, err := r.object(plumbing.CommitObject, id)
	if err != nil {
		return nil, err
	}

	var c object.Commit
	if err := c.Decode(o.encoded()); err != nil {
		return nil, err
	}

	commit := &history.Commit{
		ID:        id,
		Tree:      history.Hash(c.TreeHash),
		Author:    signature(c.Author, c.Encoding),
		Committer: signature(c.Committer, c.Encoding),
	}

	// Git shows a message up to its first NUL.
	message, _, _ := strings.Cut(c.Message, "\x00")
	commit.Message = decode(message, c.Encoding)

	parents := c.ParentHashes
	if others, ok := r.substitutes.parents[plumbing.Hash(id)]; ok {
		parents = others
	}

	if commit.Boundary = r.shallow[plumbing.Hash(id)] && len(parents) > 0; !commit.Boundary {
		for _, p := range parents {
			commit.Parents = append(commit.Parents, history.Hash(p))
		}
	}

	return commit, nil
}

// Tree implements [history.Source].
func (r *Repo) Tree(id history.Hash) ([]history.TreeEntry, error) {
	o, err := r.object(plumbing.TreeObject, id)
	if err != nil {
		return nil, err
	}

	entries, err := parseTree(o.data, r.limits.Entries)
	if err != nil || len(r.substitutes.objects) == 0 {
		return entries, err
	}

	// Git compares directories by the objects that replace them, files by their own.
	for i := range entries {
		if e := &entries[i]; e.Mode == uint32(filemode.Dir) {
			h, err := r.substitutes.object(plumbing.Hash(e.Hash))
			if err != nil {
				return nil, err
			}
			e.Hash = history.Hash(h)
		}
	}

	return entries, nil
}

// Blob reads a file's content; false, and nothing, for one of more than limit
// bytes.
func (r *Repo) Blob(id history.Hash, limit int64) (data []byte, ok bool, err error) {
	o, err := r.object(plumbing.BlobObject, id)
	var large *limitError
	switch {
	case errors.As(err, &large):
		return nil, false, nil
	case err != nil || int64(len(o.data)) > limit:
		return nil, false, err
	}

	return bytes.Clone(o.data), true, nil
}

// Link is Blob for the target of a symbolic link.
func (r *Repo) Link(id history.Hash, limit int64) ([]byte, bool, error) { return r.Blob(id, limit) }

// blob reads a file's content.
func (r *Repo) blob(id history.Hash) ([]byte, error) {
	o, err := r.object(plumbing.BlobObject, id)
	return bytes.Clone(o.data), err
}

// blobSize returns the size of a file, also of one that is too large to be read.
func (r *Repo) blobSize(id history.Hash) (int64, error) {
	o, err := r.object(plumbing.BlobObject, id)
	if large, ok := errors.AsType[*limitError](err); ok {
		return large.size, nil
	}
	return int64(len(o.data)), err
}

// signature reads an author or committer as git log does: the name ends at the
// first angle bracket, and the address at the first that closes it. An invalid time is
// the epoch; one that is too late for RFC 3339 is the last that it can express.
func signature(s object.Signature, enc object.MessageEncoding) history.Signature {
	// go-git looks for the last brackets.
	name, rest, _ := strings.Cut(s.Name+"<"+s.Email, "<")
	email, _, _ := strings.Cut(rest, ">")
	epoch := time.Unix(0, 0).UTC()
	if s.When.Before(epoch) {
		s.When = epoch
	}
	if last := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC); s.When.After(last) { // of RFC 3339
		s.When = last
	}

	return history.Signature{Name: decode(strings.TrimSpace(name), enc), Email: decode(email, enc), When: s.When}
}

// decode converts text of a commit to UTF-8: from the encoding that the commit
// names, as git log does, or else by replacing what is not UTF-8.
func decode(text string, name object.MessageEncoding) string {
	if enc := findEncoding(string(name)); enc != nil {
		if s, err := enc.NewDecoder().String(text); err == nil {
			return s
		}
	}
	return strings.ToValidUTF8(text, "\ufffd")
}

// findEncoding looks an encoding up by its registered name, then by the names of
// browsers; nil for UTF-8 and for unknown ones.
func findEncoding(name string) encoding.Encoding {
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
