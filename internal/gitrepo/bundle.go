package gitrepo

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// bundle is the header of a git bundle (gitformat-bundle(5)).
type bundle struct {
	refs          map[plumbing.ReferenceName]plumbing.Hash
	prerequisites int
	size          int64 // bytes of the header, after which the pack begins
}

// maxBundleHeader bounds the header, whose lines name references.
const maxBundleHeader = 16 << 20

const makeBundle = "`git bundle create FILE --all`"

// openBundle reads a bundle from a file: with its pack from the directory for
// caches, where there is one that can be used, or else into memory.
func openBundle(path string, o Options) (*Repo, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open repository: %w", err)
	}
	defer f.Close()

	repo, err := readCached(f, o)
	if errors.Is(err, errNoCache) {
		repo, err = ReadBundle(f, o)
	}
	if err != nil {
		return nil, fmt.Errorf("read bundle %s: %w", path, err)
	}

	return repo, nil
}

// ReadBundle reads a bundle into memory.
func ReadBundle(src io.Reader, o Options) (*Repo, error) {
	in := bufio.NewReaderSize(src, 1<<16)
	head, err := readCompleteHeader(in)
	if err != nil {
		return nil, err
	}

	p, err := unpack(in, o.limits())
	if err != nil {
		return nil, unpackError(err)
	}

	return head.open(p, o), nil
}

func unpackError(err error) error {
	if errors.Is(err, errDamagedPack) {
		err = hint.Wrap(err, "the file is damaged or truncated: check it with `git bundle verify`")
	}
	return fmt.Errorf("unpack: %w", err)
}

// open returns the repository whose objects are all in one pack.
func (b *bundle) open(p *pack, o Options) *Repo {
	refs := memory.ReferenceStorage{}
	var names []string
	for name, h := range b.refs {
		refs[name] = plumbing.NewHashReference(name, h)
		names = append(names, name.String())
	}

	if _, ok := b.refs[plumbing.HEAD]; !ok {
		if name, ok := b.mainBranch(); ok {
			refs[plumbing.HEAD] = plumbing.NewSymbolicReference(plumbing.HEAD, name)
		}
	}

	objects := &objectDirs{packs: map[string]*pack{"": p}}
	if p.file != nil {
		objects.open = append(objects.open, p) // to be closed in the end
	}

	r := &Repo{
		refs:    refs,
		objects: objects,
		limits:  o.limits(),
		lacking: "the bundle is not complete: make a new one with " + makeBundle,
	}

	if !o.NoReplace {
		r.substitutes.objects = readReplacements(refs, names)
	}

	return r
}

// unpack reads a pack into memory, up to its end.
func unpack(in io.Reader, limits Limits) (*pack, error) {
	data, err := io.ReadAll(io.LimitReader(in, limits.Unpacked+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limits.Unpacked {
		return nil, unpackedTooLarge(limits.Unpacked)
	}

	x, err := indexPack(bytes.NewReader(data), limits)
	if err != nil {
		return nil, err
	}

	return x.pack, nil
}

// mainBranch chooses the HEAD of a bundle without one: main, master, or
// the only branch.
func (b *bundle) mainBranch() (plumbing.ReferenceName, bool) {
	var branches []plumbing.ReferenceName
	for name := range b.refs {
		if name.IsBranch() {
			branches = append(branches, name)
		}
	}

	for _, name := range []plumbing.ReferenceName{plumbing.Main, plumbing.Master} {
		if slices.Contains(branches, name) {
			return name, true
		}
	}

	if len(branches) != 1 {
		return "", false
	}
	return branches[0], true
}

// readCompleteHeader reads the header of a bundle that needs nothing else.
func readCompleteHeader(in *bufio.Reader) (*bundle, error) {
	head, err := readBundleHeader(in)
	if err == nil && head.prerequisites > 0 {
		err = hint.Wrap(fmt.Errorf("it needs %d commits that it lacks", head.prerequisites),
			"make a complete one with %s", makeBundle)
	}
	return head, err
}

// readBundleHeader reads a header up to and including the empty line that ends
// it; the pack follows. A line must fit into the reader's buffer.
func readBundleHeader(in *bufio.Reader) (*bundle, error) {
	b := &bundle{refs: map[plumbing.ReferenceName]plumbing.Hash{}}
	for first := true; ; first = false {
		data, err := in.ReadSlice('\n')
		line := string(data)
		b.size += int64(len(data))

		switch {
		case first && line != "# v2 git bundle\n" && line != "# v3 git bundle\n":
			return nil, hint.Wrap(errors.New("not a git bundle"),
				"a repository given as a file must be a bundle, made with %s", makeBundle)
		case errors.Is(err, bufio.ErrBufferFull), b.size > maxBundleHeader:
			return nil, errors.New("the header is too long")
		case err != nil:
			return nil, errors.New("the header is truncated")
		}

		if first {
			continue
		}

		if line = strings.TrimSuffix(line, "\n"); line == "" {
			return b, nil
		}
		if err := b.readLine(line); err != nil {
			return nil, err
		}
	}
}

// readLine reads a line of the header that is neither its first nor its last.
func (b *bundle) readLine(line string) error {
	switch line[0] {
	case '@':
		return checkCapability(line[1:])
	case '-':
		b.prerequisites++
		return nil
	}

	id, rest, _ := strings.Cut(line, " ")
	name := plumbing.ReferenceName(rest)
	if !plumbing.IsHash(id) || !name.IsSafe() {
		return fmt.Errorf("the header has an invalid line %q", line)
	}

	b.refs[name] = plumbing.NewHash(id)
	return nil
}

func checkCapability(name string) error {
	if name == "object-format=sha1" {
		return nil
	}
	advice := "make a plain one with " + makeBundle
	if strings.HasPrefix(name, "object-format=") {
		advice = onlySHA1
	}
	return hint.Wrap(fmt.Errorf("its capability %q is not supported", name), "%s", advice)
}
