package gitrepo

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// bundle is the header of a git bundle (gitformat-bundle(5)).
type bundle struct {
	refs          map[plumbing.ReferenceName]plumbing.Hash
	prerequisites int
}

// maxBundleHeader bounds the header, whose lines name references.
const maxBundleHeader = 16 << 20

// openBundle reads a bundle into memory.
func openBundle(path string) (*Repo, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open repository: %w", err)
	}
	defer f.Close()
	repo, err := readBundle(f)
	if err != nil {
		return nil, fmt.Errorf("read bundle %s: %w", path, err)
	}
	return repo, nil
}

func readBundle(src io.Reader) (*Repo, error) {
	in := bufio.NewReaderSize(src, 1<<16)
	head, err := readBundleHeader(in)
	if err != nil {
		return nil, err
	}
	if head.prerequisites > 0 {
		return nil, hint.Wrap(fmt.Errorf("it needs %d commits that it does not hold", head.prerequisites),
			"make a complete one with `git bundle create FILE --all`")
	}
	st := memory.NewStorage()
	if err := packfile.UpdateObjectStorage(st, in); err != nil {
		return nil, hint.Wrap(fmt.Errorf("unpack: %w", err), "the file is damaged or cut short: check it with `git bundle verify`")
	}
	for name, h := range head.refs {
		if err := st.SetReference(plumbing.NewHashReference(name, h)); err != nil {
			return nil, err
		}
	}
	if _, ok := head.refs[plumbing.HEAD]; !ok {
		if name, ok := head.mainBranch(); ok {
			if err := st.SetReference(plumbing.NewSymbolicReference(plumbing.HEAD, name)); err != nil {
				return nil, err
			}
		}
	}
	opened, err := git.Open(st, nil)
	if err != nil {
		return nil, hint.Wrap(errors.New("it has no HEAD and no main branch"), "make it with `git bundle create FILE --all`, or name a branch with --rev")
	}
	return &Repo{git: opened, storer: st}, nil
}

// mainBranch chooses what HEAD means in a bundle without one: main, master, or
// the only branch.
func (b *bundle) mainBranch() (plumbing.ReferenceName, bool) {
	var only plumbing.ReferenceName
	branches := 0
	for name := range b.refs {
		if name.IsBranch() {
			only = name
			branches++
		}
	}
	for _, name := range []plumbing.ReferenceName{"refs/heads/main", "refs/heads/master"} {
		if _, ok := b.refs[name]; ok {
			return name, true
		}
	}
	return only, branches == 1
}

// readBundleHeader reads a header up to and including the empty line that ends
// it; the pack follows.
func readBundleHeader(in *bufio.Reader) (*bundle, error) {
	b := &bundle{refs: map[plumbing.ReferenceName]plumbing.Hash{}}
	size := 0
	for first := true; ; first = false {
		line, err := in.ReadString('\n')
		if size += len(line); size > maxBundleHeader {
			return nil, errors.New("the header is too long")
		}
		if first && line != "# v2 git bundle\n" && line != "# v3 git bundle\n" {
			return nil, hint.Wrap(errors.New("not a git bundle"), "a repository given as a file must be a bundle, made with `git bundle create FILE --all`")
		}
		if err != nil {
			return nil, errors.New("the header is cut short")
		}
		line = strings.TrimSuffix(line, "\n")
		switch {
		case first:
		case line == "":
			return b, nil
		case strings.HasPrefix(line, "@"):
			if line != "@object-format=sha1" {
				return nil, fmt.Errorf("its capability %q is not supported", line[1:])
			}
		case strings.HasPrefix(line, "-"):
			b.prerequisites++
		default:
			id, name, ok := strings.Cut(line, " ")
			raw, err := hex.DecodeString(id)
			if !ok || err != nil || len(raw) != len(plumbing.ZeroHash) {
				return nil, fmt.Errorf("the header has an unreadable line %q", line)
			}
			b.refs[plumbing.ReferenceName(name)] = plumbing.Hash(raw)
		}
	}
}
