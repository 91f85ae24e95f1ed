// Package txtarrepo makes git repositories from text, for tests and for the
// sample: txtar archives of commits.
//
// A section called "commit NAME" starts a commit: header lines, an empty line and
// the message. The headers are all optional: "author" (name and address), "date"
// and "commit-date" (RFC 3339; the date advances by a minute, and both are the
// same, by default) and "parents" (names of earlier commits; the commit before by
// default, "none" for a root). The sections that follow change files against the
// first parent: "PATH" writes one, "delete PATH" removes a file or a directory,
// "link PATH" makes a symbolic link. HEAD is the last commit; each has its name as
// a tag.
package txtarrepo

import (
	"bufio"
	"bytes"
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
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/memory"
	"golang.org/x/tools/txtar"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
)

// Open makes the repository of an archive.
func Open(archive []byte) (*gitrepo.Repo, error) {
	bundle, err := Bundle(archive)
	if err != nil {
		return nil, err
	}
	return gitrepo.ReadBundle(bytes.NewReader(bundle), gitrepo.Options{})
}

// Bundle makes a git bundle of the repository of an archive.
func Bundle(archive []byte) ([]byte, error) {
	b := &builder{storer: memory.NewStorage(), commits: map[string]commit{}}
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

	return b.bundle()
}

// bundle writes the header of a bundle (gitformat-bundle(5)) and a pack of all
// objects.
func (b *builder) bundle() ([]byte, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "# v2 git bundle\n%s refs/heads/main\n", b.commits[b.last].hash)

	for _, name := range slices.Sorted(maps.Keys(b.commits)) {
		fmt.Fprintf(&out, "%s %s\n", b.commits[name].hash, plumbing.NewTagReferenceName(name))
	}

	out.WriteString("\n")

	objects := slices.SortedFunc(maps.Keys(b.storer.Objects),
		func(x, y plumbing.Hash) int { return bytes.Compare(x[:], y[:]) })
	const window = 10 // objects that a delta may be of, as git has it
	_, err := packfile.NewEncoder(&out, b.storer, false).Encode(objects, window)
	return out.Bytes(), err
}

type file struct {
	mode    filemode.FileMode
	content string
}

type commit struct {
	hash  plumbing.Hash
	files map[string]file
}

// builder holds the commits so far and the one in work.
type builder struct {
	storer  *memory.Storage
	commits map[string]commit // by name
	last    string            // name of the last one
	clock   time.Time

	name  string
	work  *object.Commit // nil for none
	files map[string]file
}

func (b *builder) section(name string, data []byte) error {
	verb, arg, _ := strings.Cut(name, " ")
	if verb == "commit" && arg != "" {
		if err := b.finish(); err != nil {
			return err
		}
		return b.start(arg, string(data))
	}
	if b.work == nil {
		return errors.New("a commit must come first")
	}

	switch verb {
	case "delete":
		held := len(b.files)
		maps.DeleteFunc(b.files, func(p string, _ file) bool { return within(p, arg) })
		if len(b.files) == held {
			return errors.New("there is no such file")
		}
		return nil
	case "link":
		return b.put(arg, file{filemode.Symlink, strings.TrimSuffix(string(data), "\n")})
	}

	return b.put(name, file{filemode.Regular, string(data)})
}

// put writes a file, in place of what is in its way.
func (b *builder) put(path string, f file) error {
	if !fs.ValidPath(path) || path == "." {
		return fmt.Errorf("%q is not a path", path)
	}
	maps.DeleteFunc(b.files, func(p string, _ file) bool { return within(p, path) || within(path, p) })
	b.files[path] = f
	return nil
}

// within reports whether a path is dir or below it.
func within(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// start reads a commit's header and message.
func (b *builder) start(name, data string) error {
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
		return errors.New("duplicate commit name")
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

	b.name, b.files = name, map[string]file{}
	b.work = &object.Commit{
		Author:    object.Signature{Name: author.Name, Email: author.Address, When: b.clock},
		Committer: object.Signature{Name: author.Name, Email: author.Address, When: committed},
		Message:   message.String(),
	}

	for i, p := range parents {
		parent, ok := b.commits[p]
		if !ok {
			return fmt.Errorf("no earlier commit is called %q", p)
		}
		b.work.ParentHashes = append(b.work.ParentHashes, parent.hash)
		if i == 0 {
			b.files = maps.Clone(parent.files)
		}
	}

	return nil
}

// finish writes the commit in work, if there is one.
func (b *builder) finish() error {
	if b.work == nil {
		return nil
	}

	var err error
	if b.work.TreeHash, err = b.tree(b.files, ""); err != nil {
		return err
	}

	hash, err := b.store(b.work)
	if err != nil {
		return err
	}

	b.commits[b.name] = commit{hash: hash, files: b.files}
	b.last, b.work = b.name, nil
	return nil
}
