// Package sample owns the sample repository: a small testbed with a history,
// for a first look without a repository of one's own, and for tests.
package sample

import (
	_ "embed"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
)

//go:embed testbed.txtar
var testbed []byte

// Open builds the sample repository in memory.
func Open() (*gitrepo.Repo, error) { return gitrepo.FromTxtar(testbed) }
