package page

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"

	"github.com/chameleoncloud/refapi/internal/route"
)

// plainType is a node type that can be a file's name and part of an address as
// it is.
var plainType = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// TypeSlug names a node type in addresses. A type that is not plain has its
// hash behind a tilde, which no plain type has.
func TypeSlug(name string) string {
	if plainType.MatchString(name) {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return "type~" + hex.EncodeToString(sum[:8])
}

// typePage is the address of a type's page; "" for no type.
func (r *Renderer) typePage(name string) string {
	if name == "" {
		return ""
	}
	return r.base + route.HardwareType.Path(TypeSlug(name))
}
