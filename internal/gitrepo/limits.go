package gitrepo

import (
	"fmt"
	"math"
	"strings"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// Limits bound the resources that reading a repository takes, because a few
// kilobytes of packed objects can expand to gigabytes.
type Limits struct {
	Depth    int   // directories inside one another, in one commit
	Entries  int   // files and directories in one commit
	Object   int64 // bytes of one object: a file, directory, commit or tag
	Unpacked int64 // bytes of all objects of a bundle together
}

// DefaultLimits are far above what reference repositories have: Grid'5000's, of
// fifteen years, has 8 levels, 2,252 entries, no file above 110 kB, and 1.1 GB
// unpacked.
func DefaultLimits() Limits {
	return Limits{Depth: 100, Entries: 250_000, Object: 16 << 20, Unpacked: 4 << 30}
}

// limitError is an object or a tree above a limit.
type limitError struct {
	text string
	size int64 // of an object
}

func (e *limitError) Error() string { return e.text }

// beyondLimit returns a limitError with how to raise the limit, by its name in the
// configuration.
func beyondLimit(name string, size int64, format string, args ...any) error {
	return hint.Wrap(&limitError{fmt.Sprintf(format, args...), size},
		"if the repository is meant to be like this, raise the limit with --max-%s, or limits.%s in the configuration",
		strings.ReplaceAll(name, "_", "-"), name)
}

func objectTooLarge(size uint64, limit int64) error {
	return beyondLimit("object_mib", int64(min(size, math.MaxInt64)),
		"an object has %d bytes, the limit is %d", size, limit)
}

// bundleLimit is how many bytes a bundle of a size may unpack to. Small ones that
// unpack to gigabytes are attacks.
func (l Limits) bundleLimit(size int64) int64 {
	const mebibyte = 1 << 20
	share := float64(l.Unpacked) / 16 * (1 + float64(size)/mebibyte)
	return int64(min(share, float64(l.Unpacked)))
}

func unpackedTooLarge(limit int64) error {
	return beyondLimit("unpacked_mib", 0, "its objects have more than %d MiB when unpacked", limit>>20)
}

func tooDeep(path string, limit int) error {
	const enough = 48
	if len(path) > enough {
		path = strings.ToValidUTF8(path[:enough], "") + "…"
	}
	return beyondLimit("depth", 0, "directories are nested more than %d deep, below %q", limit, path)
}

func tooManyEntries(limit int) error {
	return beyondLimit("entries", 0, "there are more than %d files and directories", limit)
}
