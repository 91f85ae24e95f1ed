package worktree

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
)

// entry is the entry of a path in the index.
type entry struct {
	path string
	mode uint32
	hash history.Hash

	skip     bool // skip-worktree: it is not checked out
	assume   bool // assume-unchanged: what is on disk does not count
	conflict bool // a merge has left several versions
}

// Modes of entries (gitformat-index(5)).
const (
	modeMask    = 0o170000
	modeTree    = 0o040000 // a directory that a sparse index keeps as one
	modeLink    = 0o120000
	modeGitlink = 0o160000
)

func (e *entry) is(mode uint32) bool { return e.mode&modeMask == mode }

var errIndex = errors.New("the index is truncated")

// Sizes and flags of the index (gitformat-index(5)).
const (
	indexHeader   = 12
	entryStat     = 40 // before the hash, with the mode at its 24th byte
	checksum      = 20
	flagAssume    = 1 << 15
	flagExtended  = 1 << 14
	flagStage     = 3 << 12
	flagName      = 1<<12 - 1
	flagSkip      = 1 << 14 // of the extended flags
	entryBoundary = 8
)

// parseIndex reads an index of version 2, 3 or 4.
func parseIndex(data []byte) ([]entry, error) {
	if len(data) < indexHeader+checksum || !bytes.HasPrefix(data, []byte("DIRC")) {
		return nil, errIndex
	}

	version, count := binary.BigEndian.Uint32(data[4:]), binary.BigEndian.Uint32(data[8:])
	if version < 2 || version > 4 {
		return nil, fmt.Errorf("the index has the unknown version %d", version)
	}

	rest := data[indexHeader : len(data)-checksum]
	if uint64(count)*entryStat > uint64(len(rest)) {
		return nil, errIndex
	}

	entries := make([]entry, 0, count)
	previous := ""
	for range count {
		e, n, err := parseEntry(rest, version, previous)
		if err != nil {
			return nil, err
		}
		rest, previous = rest[n:], e.path
		entries = append(entries, e)
	}

	return entries, checkExtensions(rest)
}

// parseEntry reads the first entry, and returns its length.
func parseEntry(data []byte, version uint32, previous string) (e entry, n int, err error) {
	n = entryStat + len(e.hash) + 2
	if len(data) < n+2 {
		return e, 0, errIndex
	}

	e.mode = binary.BigEndian.Uint32(data[24:])
	copy(e.hash[:], data[entryStat:])
	flags := binary.BigEndian.Uint16(data[n-2:])
	e.assume, e.conflict = flags&flagAssume != 0, flags&flagStage != 0

	if flags&flagExtended != 0 {
		e.skip = binary.BigEndian.Uint16(data[n:])&flagSkip != 0
		n += 2
	}

	// Version 4 keeps what differs from the path before.
	prefix := ""
	if version == 4 {
		strip, size := readOffset(data[n:])
		if size == 0 || strip > uint64(len(previous)) {
			return e, 0, errIndex
		}
		prefix = previous[:len(previous)-int(strip)]
		n += size
	}

	end := bytes.IndexByte(data[n:], 0)
	if end < 0 || version < 4 && flags&flagName != flagName && end != int(flags&flagName) {
		return e, 0, errIndex
	}

	e.path = prefix + string(data[n:n+end])
	n += end + 1
	if version < 4 {
		n = (n + entryBoundary - 1) / entryBoundary * entryBoundary
	}

	if n > len(data) {
		return e, 0, errIndex
	}

	return e, n, nil
}

// readOffset reads a number in the encoding of offsets in packs, and returns its
// length in bytes, 0 if it is too long.
func readOffset(data []byte) (value uint64, n int) {
	for i, c := range data {
		if i > 8 {
			break
		}

		if i > 0 {
			value++
		}

		value = value<<7 | uint64(c&0x7f)
		if c&0x80 == 0 {
			return value, i + 1
		}
	}

	return 0, 0
}

// checkExtensions rejects unknown mandatory extensions: those whose names begin in
// lower case, except that of sparse indexes.
func checkExtensions(data []byte) error {
	for len(data) > 0 {
		if len(data) < 8 {
			return errIndex
		}

		name, size := string(data[:4]), binary.BigEndian.Uint32(data[4:])
		if uint64(size) > uint64(len(data)-8) {
			return errIndex
		}

		switch {
		case name == "link":
			return hint.Wrap(errors.New("the index is split into two files"),
				"join them: `git update-index --no-split-index`")
		case name != "sdir" && strings.ToUpper(name[:1]) != name[:1]:
			return fmt.Errorf("the index has the unknown extension %q", name)
		}

		data = data[8+size:]
	}

	return nil
}
