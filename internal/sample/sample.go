// Package sample owns the sample repository: a small testbed with a history,
// for a first look without a repository of one's own, and for tests.
package sample

import (
	"bytes"
	_ "embed"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
)

// bundle is made from testbed.txtar, which is what people edit: after that run
// `go test ./internal/sample -update`.
//
//go:embed testbed.bundle
var bundle []byte

// Open opens the sample repository in memory.
func Open() (*gitrepo.Repo, error) {
	return gitrepo.ReadBundle(bytes.NewReader(bundle), gitrepo.Options{})
}
