package main

import (
	"slices"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory/check"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// memo is what a build leaves for the next one of the same process, which would only find
// the same again. What they publish does not depend on it. nil keeps nothing.
type memo struct {
	manifest    *tree.Manifest // of the release that was published last; nil before
	files       check.Memo
	trees       history.Memo
	substitutes []history.Hash // that the trees were compared with
}

// maxDifferences bounds the differences of trees that are kept, at 50 MB: Grid'5000's
// history has 280,000.
const maxDifferences = 500_000

// live returns what is known of the live release, nil for nothing.
func (m *memo) live() *tree.Manifest {
	if m == nil {
		return nil
	}
	return m.manifest
}

// published keeps the manifest of a release that went live.
func (m *memo) published(r *publish.Report) {
	if m != nil && r.Published() {
		m.manifest = r.Manifest
	}
}

// findings returns what is known of what files say, nil for nothing.
func (m *memo) findings() *check.Memo {
	if m == nil {
		return nil
	}
	return &m.files
}

// walks returns what is known of a repository's trees, nil for nothing.
func (m *memo) walks(repo *gitrepo.Repo) *history.Memo {
	if m == nil {
		return nil
	}

	if now := repo.Substitutes(); !slices.Equal(now, m.substitutes) {
		m.trees, m.substitutes = history.Memo{}, now
	}
	m.trees.Limit = maxDifferences
	return &m.trees
}
