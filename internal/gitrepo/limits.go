package gitrepo

import (
	"fmt"
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
	flag string // the flag that raises the limit
	key  string // the same in the configuration
}

func (e *limitError) Error() string { return e.text }

// withHint adds how to raise the limit.
func (e *limitError) withHint() error {
	return hint.Wrap(e, "if the repository is meant to be like this, raise the limit with %s, "+
		"or %s in the configuration", e.flag, e.key)
}

func objectTooLarge(size uint64, limit int64) error {
	return (&limitError{fmt.Sprintf("an object has %d bytes, the limit is %d", size, limit),
		"--max-object-mib", "limits.object_mib"}).withHint()
}

// bundleLimit is how many bytes a bundle of a size may unpack to. Small ones that
// unpack to gigabytes are attacks.
func (l Limits) bundleLimit(size int) int64 {
	const mebibyte = 1 << 20
	share := float64(l.Unpacked) / 16 * (1 + float64(size)/mebibyte)
	if share >= float64(l.Unpacked) {
		return l.Unpacked
	}
	return int64(share)
}

func unpackedTooLarge(limit int64) error {
	return (&limitError{fmt.Sprintf("its objects have more than %d MiB when unpacked", limit>>20),
		"--max-unpacked-mib", "limits.unpacked_mib"}).withHint()
}

func tooDeep(path string, limit int) error {
	const enough = 48
	if len(path) > enough {
		path = strings.ToValidUTF8(path[:enough], "") + "…"
	}
	return (&limitError{fmt.Sprintf("directories are nested more than %d deep, below %q", limit, path),
		"--max-depth", "limits.depth"}).withHint()
}

func tooManyEntries(limit int) error {
	return (&limitError{fmt.Sprintf("there are more than %d files and directories", limit),
		"--max-entries", "limits.entries"}).withHint()
}
