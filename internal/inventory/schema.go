package inventory

import (
	"embed"

	"github.com/chameleoncloud/refapi/internal/route"
)

//go:embed schema/*.json
var schemas embed.FS

// Schema returns the JSON Schema (draft 2020-12) of a kind's files, which the checks
// use and the API publishes.
func Schema(kind route.KindID) []byte {
	src, err := schemas.ReadFile("schema/" + kind.String() + ".json")
	if err != nil {
		panic(err) // cannot happen: every kind has an embedded schema
	}
	return src
}
