package gitrepo

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/filemode"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
)

var errDamagedTree = errors.New("the directory is damaged")

// parseTree reads a tree of at most limit entries: modes in octal, names that
// end in NUL, and binary names of objects.
func parseTree(data []byte, limit int) ([]history.TreeEntry, error) {
	const hashSize = len(history.Hash{})
	text := string(data) // names are parts of it
	var entries []history.TreeEntry

	for at := 0; at < len(text); {
		if len(entries) == limit {
			return nil, tooManyEntries(limit)
		}

		mode, _, ok := strings.Cut(text[at:min(len(text), at+maxMode+1)], " ")
		if !ok {
			return nil, errDamagedTree
		}

		m, err := strconv.ParseUint(mode, 8, 32)
		if err != nil {
			return nil, errDamagedTree
		}

		at += len(mode) + 1
		n := bytes.IndexByte(data[at:], 0)
		if n < 1 || len(data)-at-n-1 < hashSize {
			return nil, errDamagedTree
		}

		e := history.TreeEntry{Name: text[at : at+n], Mode: canonicalMode(uint32(m))}
		at += n + 1
		at += copy(e.Hash[:], data[at:])
		entries = append(entries, e)
	}

	return entries, nil
}

// maxMode is the most digits of a mode; git writes five or six.
const maxMode = 8

// canonicalMode is the mode that git reads in place of one that old or foreign
// programs wrote: 100664, for example, is 100644.
func canonicalMode(mode uint32) uint32 {
	switch mode & 0o170000 {
	case 0o100000:
		if mode&0o100 != 0 {
			return uint32(filemode.Executable)
		}
		return uint32(filemode.Regular)
	case uint32(filemode.Symlink):
		return uint32(filemode.Symlink)
	case uint32(filemode.Dir):
		return uint32(filemode.Dir)
	}

	return uint32(filemode.Submodule)
}

// checkNames refuses names that no checkout can have, and that would point readers
// elsewhere. Git itself writes none (git-fsck(1)).
func checkNames(entries []history.TreeEntry) error {
	seen := make(map[string]bool, len(entries))
	for _, e := range entries {
		var why string
		switch {
		case e.Name == "." || e.Name == ".." || strings.Contains(e.Name, "/"):
			why = fmt.Sprintf("an entry is called %q, which no file can be", e.Name)
		case seen[e.Name]:
			why = fmt.Sprintf("two entries are called %q", e.Name)
		default:
			seen[e.Name] = true
			continue
		}

		return hint.Wrap(fmt.Errorf("%w: %s", errDamagedTree, why),
			"no git program writes such a directory: look at the repository with `git fsck`, and commit the files again")
	}

	return nil
}
