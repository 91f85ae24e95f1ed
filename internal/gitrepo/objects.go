package gitrepo

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"golang.org/x/text/encoding/ianaindex"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
)

// Commit implements [history.Source].
func (r *Repo) Commit(id history.Hash) (*history.Commit, error) {
	c, err := object.GetCommit(r.storer, plumbing.Hash(id))
	if err != nil {
		return nil, missing(err)
	}
	commit := &history.Commit{
		ID:        id,
		Tree:      history.Hash(c.TreeHash),
		Author:    history.Signature{Name: decode(c.Author.Name, c.Encoding), When: c.Author.When},
		Committer: history.Signature{Name: decode(c.Committer.Name, c.Encoding), When: c.Committer.When},
		Message:   decode(c.Message, c.Encoding),
	}
	if !r.shallow[c.Hash] {
		for _, p := range c.ParentHashes {
			commit.Parents = append(commit.Parents, history.Hash(p))
		}
	}
	return commit, nil
}

// Tree implements [history.Source].
func (r *Repo) Tree(id history.Hash) ([]history.Entry, error) {
	t, err := object.GetTree(r.storer, plumbing.Hash(id))
	if err != nil {
		return nil, missing(err)
	}
	entries := make([]history.Entry, len(t.Entries))
	for i, e := range t.Entries {
		entries[i] = history.Entry{Name: e.Name, Mode: uint32(e.Mode), Hash: history.Hash(e.Hash)}
	}
	return entries, nil
}

// blob opens a file's content and says how long it is.
func (r *Repo) blob(id history.Hash) (io.ReadCloser, int64, error) {
	b, err := object.GetBlob(r.storer, plumbing.Hash(id))
	if err != nil {
		return nil, 0, missing(err)
	}
	in, err := b.Reader()
	return in, b.Size, err
}

// blobSize says how long a file is without reading it.
func (r *Repo) blobSize(id history.Hash) (int64, error) {
	n, err := r.storer.EncodedObjectSize(plumbing.Hash(id))
	return n, missing(err)
}

// missing explains an object that is not there.
func missing(err error) error {
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return hint.Wrap(fmt.Errorf("%w in the repository", err),
			"the clone is partial or damaged: check it with `git fsck`, or clone without --filter")
	}
	return err
}

// decode turns text of a commit to UTF-8: from the encoding that the commit
// names, as git log does, and else by replacing what is not UTF-8.
func decode(text string, encoding object.MessageEncoding) string {
	if encoding != "" && !strings.EqualFold(string(encoding), "utf-8") {
		if enc, err := ianaindex.MIME.Encoding(string(encoding)); err == nil && enc != nil {
			if s, err := enc.NewDecoder().String(text); err == nil {
				return s
			}
		}
	}
	return strings.ToValidUTF8(text, "\ufffd")
}
