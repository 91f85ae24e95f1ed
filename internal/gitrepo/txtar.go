package gitrepo

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/memory"
	"github.com/rogpeppe/go-internal/txtar"
)

// FromTxtar builds a repository in memory from a txtar archive of commits. A
// section called "commit NAME" starts a commit: header lines, an empty line and
// the message. The headers are all optional: "author" (name and address),
// "date" and "commit-date" (RFC 3339; the date counts on by a minute, and both
// are the same, unless told) and "parents" (names of earlier commits; the
// commit before by default, "none" for a root). The sections that follow
// change files against the first parent: "PATH" writes one, "delete PATH"
// removes a file or a directory, "link PATH" makes a symbolic link. HEAD is the
// last commit.
func FromTxtar(archive []byte) (*Repo, error) {
	b := &txtarBuilder{storer: memory.NewStorage(), commits: map[string]builtCommit{}}
	for _, f := range txtar.Parse(archive).Files {
		if err := b.section(f.Name, f.Data); err != nil {
			return nil, fmt.Errorf("section %q: %w", f.Name, err)
		}
	}
	if err := b.finish(); err != nil {
		return nil, err
	}
	if b.last == "" {
		return nil, errors.New("the archive has no commit")
	}
	const branch = plumbing.ReferenceName("refs/heads/main")
	for _, ref := range []*plumbing.Reference{
		plumbing.NewHashReference(branch, b.commits[b.last].hash),
		plumbing.NewSymbolicReference(plumbing.HEAD, branch),
	} {
		if err := b.storer.SetReference(ref); err != nil {
			return nil, err
		}
	}
	for name, c := range b.commits {
		if err := b.storer.SetReference(plumbing.NewHashReference(plumbing.NewTagReferenceName(name), c.hash)); err != nil {
			return nil, err
		}
	}
	opened, err := git.Open(b.storer, nil)
	if err != nil {
		return nil, err
	}
	return &Repo{git: opened, storer: b.storer}, nil
}

type txtarFile struct {
	mode    filemode.FileMode
	content string
}

type builtCommit struct {
	hash  plumbing.Hash
	files map[string]txtarFile
}

// txtarBuilder holds the commits so far and the one in work.
type txtarBuilder struct {
	storer  *memory.Storage
	commits map[string]builtCommit
	last    string
	clock   time.Time

	name   string
	commit *object.Commit
	files  map[string]txtarFile
}

func (b *txtarBuilder) section(name string, data []byte) error {
	verb, arg, _ := strings.Cut(name, " ")
	if verb == "commit" && arg != "" {
		if err := b.finish(); err != nil {
			return err
		}
		return b.start(arg, string(data))
	}
	if b.commit == nil {
		return errors.New("a commit must come first")
	}
	switch verb {
	case "delete":
		maps.DeleteFunc(b.files, func(p string, _ txtarFile) bool { return p == arg || strings.HasPrefix(p, arg+"/") })
	case "link":
		b.files[arg] = txtarFile{filemode.Symlink, strings.TrimSuffix(string(data), "\n")}
	default:
		b.files[name] = txtarFile{filemode.Regular, string(data)}
	}
	return nil
}

// start reads a commit's header and message.
func (b *txtarBuilder) start(name, data string) error {
	in := bufio.NewReader(strings.NewReader(data))
	header, err := textproto.NewReader(in).ReadMIMEHeader()
	if err != nil {
		return err
	}
	message := new(strings.Builder)
	if _, err := in.WriteTo(message); err != nil {
		return err
	}
	author := &mail.Address{Name: "Ada Lovelace", Address: "ada@example.org"}
	if v := header.Get("Author"); v != "" {
		if author, err = mail.ParseAddress(v); err != nil {
			return err
		}
	}
	if b.clock.IsZero() {
		b.clock = time.Date(2025, 1, 6, 9, 0, 0, 0, time.UTC)
	} else {
		b.clock = b.clock.Add(time.Minute)
	}
	if v := header.Get("Date"); v != "" {
		if b.clock, err = time.Parse(time.RFC3339, v); err != nil {
			return err
		}
	}
	committed := b.clock
	if v := header.Get("Commit-Date"); v != "" {
		if committed, err = time.Parse(time.RFC3339, v); err != nil {
			return err
		}
	}
	parents := strings.Fields(header.Get("Parents"))
	switch {
	case header.Get("Parents") == "none":
		parents = nil
	case len(parents) == 0 && b.last != "":
		parents = []string{b.last}
	}
	b.name, b.files = name, map[string]txtarFile{}
	b.commit = &object.Commit{
		Author:    object.Signature{Name: author.Name, Email: author.Address, When: b.clock},
		Committer: object.Signature{Name: author.Name, Email: author.Address, When: committed},
		Message:   message.String(),
	}
	for i, p := range parents {
		parent, ok := b.commits[p]
		if !ok {
			return fmt.Errorf("no earlier commit is called %q", p)
		}
		b.commit.ParentHashes = append(b.commit.ParentHashes, parent.hash)
		if i == 0 {
			b.files = maps.Clone(parent.files)
		}
	}
	return nil
}

// finish writes the commit in work, if there is one.
func (b *txtarBuilder) finish() error {
	if b.commit == nil {
		return nil
	}
	var err error
	if b.commit.TreeHash, err = b.tree(b.files, ""); err != nil {
		return err
	}
	hash, err := b.store(b.commit)
	if err != nil {
		return err
	}
	b.commits[b.name] = builtCommit{hash: hash, files: b.files}
	b.last, b.commit = b.name, nil
	return nil
}

// tree writes the directory below prefix, and those below it.
func (b *txtarBuilder) tree(files map[string]txtarFile, prefix string) (plumbing.Hash, error) {
	var t object.Tree
	done := map[string]bool{}
	for _, p := range slices.Sorted(maps.Keys(files)) {
		rest, ok := strings.CutPrefix(p, prefix)
		if !ok {
			continue
		}
		name, _, isDir := strings.Cut(rest, "/")
		if done[name] {
			continue
		}
		done[name] = true
		e := object.TreeEntry{Name: name, Mode: files[p].mode}
		var err error
		if isDir {
			e.Mode = filemode.Dir
			e.Hash, err = b.tree(files, prefix+name+"/")
		} else {
			e.Hash, err = b.blob(files[p].content)
		}
		if err != nil {
			return plumbing.ZeroHash, err
		}
		t.Entries = append(t.Entries, e)
	}
	slices.SortFunc(t.Entries, func(a, b object.TreeEntry) int { return strings.Compare(gitOrder(a), gitOrder(b)) })
	return b.store(&t)
}

// gitOrder is the name that a tree is sorted by.
func gitOrder(e object.TreeEntry) string {
	if e.Mode == filemode.Dir {
		return e.Name + "/"
	}
	return e.Name
}

func (b *txtarBuilder) blob(content string) (plumbing.Hash, error) {
	o := b.storer.NewEncodedObject()
	o.SetType(plumbing.BlobObject)
	w, err := o.Writer()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	if _, err := w.Write([]byte(content)); err != nil {
		return plumbing.ZeroHash, err
	}
	return b.storer.SetEncodedObject(o)
}

func (b *txtarBuilder) store(v interface {
	Encode(plumbing.EncodedObject) error
}) (plumbing.Hash, error) {
	o := b.storer.NewEncodedObject()
	if err := v.Encode(o); err != nil {
		return plumbing.ZeroHash, err
	}
	return b.storer.SetEncodedObject(o)
}
