package inventory

import (
	"embed"

	"github.com/chameleoncloud/refapi/internal/route"
)

//go:embed schema/*.json
var schemas embed.FS

// Schema returns the JSON Schema (draft 2020-12) of a kind's files: they are
// checked by it, and the API publishes it.
func Schema(kind route.KindID) []byte {
	src, err := schemas.ReadFile("schema/" + kind.String() + ".json")
	if err != nil {
		panic(err) // they are compiled in, for every kind
	}
	return src
}
