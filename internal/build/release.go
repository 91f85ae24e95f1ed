package build

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// IsResource reports whether a file of the tree is a site, cluster, node or
// flavor.
func IsResource(file string) bool {
	name, ok := strings.CutSuffix(file, ".json")
	if !ok {
		return false
	}
	id, _, ok := route.Match("/" + name)
	return ok && id.Get().Representation == route.Item
}

// Generator is the program's name and version. Release ids cover it.
const Generator = "refgen " + api.ProductVersion

// OptionsOf returns the options of a release whose manifest was read.
func OptionsOf(r *tree.Release) (o Options, err error) {
	text, err := json.Marshal(r.Options)
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	return o, err
}

// ReleaseID names the release of a commit: when it was committed, its hash, and
// a digest of all else that shows in the output. A work tree that differs from
// the commit adds a fingerprint of its files, and an incomplete history the
// commits at its boundary: with more of it there is more to show.
func ReleaseID(c *history.Commit, dataDir, fingerprint string, boundary []history.Hash, options Options) string {
	// Encoding a struct of strings and numbers cannot fail.
	input, _ := json.Marshal(struct {
		Commit, DataDir, Fingerprint, Generator string
		Revision                                int
		Options                                 Options
		Edge                                    []history.Hash `json:",omitempty"`
	}{Commit: c.ID.String(), DataDir: dataDir, Fingerprint: fingerprint, Generator: Generator, Revision: Revision, Options: options, Edge: boundary})

	sum := sha256.Sum256(input)

	committed := c.Committer.When.UTC().Format("20060102T150405Z")
	return fmt.Sprintf("%s-%.12s-%s", committed, c.ID, hex.EncodeToString(sum[:4]))
}
