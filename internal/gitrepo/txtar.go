package gitrepo

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/memory"
	"golang.org/x/tools/txtar"
)

// FromTxtar builds a repository in memory from a txtar archive of commits. A
// section called "commit NAME" starts a commit: header lines, an empty line and
// the message. The headers are all optional: "author" (name and address),
// "date" and "commit-date" (RFC 3339; the date counts on by a minute, and both
// are the same, unless told) and "parents" (names of earlier commits; the
// commit before by default, "none" for a root). The sections that follow
// change files against the first parent: "PATH" writes one, "delete PATH"
// removes a file or a directory, "link PATH" makes a symbolic link. HEAD is the
// last commit; each has its name as a tag.
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
	return inMemory(b.storer, memoryStore{b.storer}), nil
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
		held := len(b.files)
		maps.DeleteFunc(b.files, func(p string, _ txtarFile) bool { return within(p, arg) })
		if len(b.files) == held {
			return errors.New("there is no such file")
		}
		return nil
	case "link":
		return b.put(arg, txtarFile{filemode.Symlink, strings.TrimSuffix(string(data), "\n")})
	}
	return b.put(name, txtarFile{filemode.Regular, string(data)})
}

// put writes a file, in place of what is in its way.
func (b *txtarBuilder) put(path string, f txtarFile) error {
	if !fs.ValidPath(path) || path == "." {
		return fmt.Errorf("%q is no path", path)
	}
	maps.DeleteFunc(b.files, func(p string, _ txtarFile) bool { return within(p, path) || within(path, p) })
	b.files[path] = f
	return nil
}

// within reports whether a path is dir or below it.
func within(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// start reads a commit's header and message.
func (b *txtarBuilder) start(name, data string) error {
	in := bufio.NewReader(strings.NewReader(data))
	header, err := textproto.NewReader(in).ReadMIMEHeader()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for key := range header {
		if !slices.Contains([]string{"Author", "Date", "Commit-Date", "Parents"}, key) {
			return fmt.Errorf("unknown header %q", key)
		}
	}
	if _, ok := b.commits[name]; ok {
		return errors.New("the name stands twice")
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
