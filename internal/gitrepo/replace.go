package gitrepo

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/storer"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
)

// substitutes are objects and parents that git reads in place of the stored ones.
type substitutes struct {
	objects map[plumbing.Hash]plumbing.Hash   // git-replace(1)
	parents map[plumbing.Hash][]plumbing.Hash // info/grafts of gitrepository-layout(5)
}

// maxReplacements is how often git follows from one replacement to the next.
const maxReplacements = 5

// object follows replacements to the object to read.
func (s *substitutes) object(h plumbing.Hash) (plumbing.Hash, error) {
	first := h
	for range maxReplacements {
		next, ok := s.objects[h]
		if !ok {
			return h, nil
		}
		h = next
	}

	err := fmt.Errorf("object %s is replaced by one that is replaced itself, more than %d times",
		first, maxReplacements-1)
	return h, hint.Wrap(err,
		"git refuses that, too: look at `git replace --list`, and remove some with `git replace --delete`")
}

// readReplacements reads the references among names that replace objects. Git
// skips those that it cannot use.
func readReplacements(refs storer.ReferenceStorer, names []string) map[plumbing.Hash]plumbing.Hash {
	objects := map[plumbing.Hash]plumbing.Hash{}
	for _, name := range names {
		base := path.Base(name)
		if path.Dir(name)+"/" != replaceRefs || !plumbing.IsHash(base) {
			continue
		}
		if ref, err := storer.ResolveReference(refs, plumbing.ReferenceName(name)); err == nil {
			objects[plumbing.NewHash(base)] = ref.Hash()
		}
	}

	return objects
}

const replaceRefs = "refs/replace/"

// listReplaceRefs lists the references of a repository on disk that may replace
// objects. It looks at nothing else: other references may be unreadable.
func listReplaceRefs(commonDir string) ([]string, error) {
	var names []string
	entries, err := os.ReadDir(filepath.Join(commonDir, filepath.FromSlash(replaceRefs)))
	if err != nil && !isMissing(err) {
		return nil, err
	}

	for _, e := range entries {
		names = append(names, replaceRefs+e.Name())
	}

	packed, err := readLines(filepath.Join(commonDir, "packed-refs"))
	for _, line := range packed {
		if _, name, ok := strings.Cut(line, " "); ok && strings.HasPrefix(name, replaceRefs) {
			names = append(names, name)
		}
	}

	return names, err
}

// readGrafts reads info/grafts: lines of a commit and the parents that it is to
// have. Git skips lines that it cannot read.
func readGrafts(commonDir string) (map[plumbing.Hash][]plumbing.Hash, error) {
	lines, err := readLines(filepath.Join(commonDir, "info", "grafts"))
	parents := map[plumbing.Hash][]plumbing.Hash{}
	for _, line := range lines {
		ids := strings.Fields(line)
		if len(ids) == 0 || slices.ContainsFunc(ids, func(id string) bool { return !plumbing.IsHash(id) }) {
			continue
		}

		commit := plumbing.NewHash(ids[0])
		if _, ok := parents[commit]; ok { // the first counts
			continue
		}

		parents[commit] = []plumbing.Hash{}
		for _, id := range ids[1:] {
			parents[commit] = append(parents[commit], plumbing.NewHash(id))
		}
	}

	return parents, err
}

// readSubstitutes reads the grafts, and the replacements unless replace is false.
func readSubstitutes(commonDir string, refs storer.ReferenceStorer, replace bool) (substitutes, error) {
	var s substitutes
	var err error
	if s.parents, err = readGrafts(commonDir); err != nil {
		return s, fmt.Errorf("read the grafts: %w", err)
	}
	if !replace {
		return s, nil
	}

	names, err := listReplaceRefs(commonDir)
	if err != nil {
		return s, fmt.Errorf("read the replacements: %w", err)
	}

	s.objects = readReplacements(refs, names)
	return s, nil
}

// Substitutes lists what git reads in place of something else (git-replace(1),
// and info/grafts): a history is another with it. Each object is followed by
// what it becomes; the list is sorted by these first ones.
func (r *Repo) Substitutes() []history.Hash {
	var pairs [][]plumbing.Hash
	for h, by := range r.substitutes.objects {
		pairs = append(pairs, []plumbing.Hash{h, by})
	}

	for h, parents := range r.substitutes.parents {
		pairs = append(pairs, append([]plumbing.Hash{h}, parents...))
	}

	slices.SortFunc(pairs, func(a, b []plumbing.Hash) int { return slices.CompareFunc(a, b, compareHashes) })
	var ids []history.Hash
	for _, h := range slices.Concat(pairs...) {
		ids = append(ids, history.Hash(h))
	}

	return ids
}

func compareHashes(a, b plumbing.Hash) int { return slices.Compare(a[:], b[:]) }
