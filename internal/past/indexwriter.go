package past

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/chameleoncloud/refapi/internal/history"
)

// An index has these parts, one after another; all numbers are big-endian but those
// that are called varints, which are as in encoding/binary.
//
//	signature     "refpast1"
//	counts        5 × 32 bits: commits, parents outside, objects, objects outside, paths
//	commits       id (20 bytes), committer time (64 bits, seconds), first parent (32 bits:
//	              the number of a commit, or of a parent outside after these, or none)
//	parents       ids of the first parents that are in earlier segments
//	objects       ids, sorted; then the offset of each in the pack (32 bits), 0 of an
//	              object that is too large to be stored
//	outside       ids of objects of earlier segments that are named here, sorted
//	directory     the data directory: its length (varint) and its path
//	paths         sorted; each: how many bytes it shares with the one before, the length
//	              of the rest, the rest, the number of its changes (varints), and these:
//	              how many commits after the last one (after -1), and 0 (no file), or the
//	              number of an object, doubled, plus 1 of a link, plus 1 (varints)
//	pack          the checksum at the end of the pack (20 bytes)
//	checksum      SHA-256 of all that (32 bytes)
const signature = "refpast1"

// noParent is the parent of a root.
const noParent = 1<<32 - 1

const hashSize = len(history.Hash{})

// outsideParent marks a parent in an earlier segment, before it has a number.
const outsideParent = -1

type commitRow struct {
	id      history.Hash
	time    int64
	parent  int
	outside history.Hash
}

// Kinds of changes of a path.
type changeKind uint8

const (
	changeAbsent changeKind = iota
	changeFile
	changeLink
)

type change struct {
	commit int
	kind   changeKind
	object history.Hash
}

// indexWriter collects what an index has.
type indexWriter struct {
	dir     string
	commits []commitRow
	paths   []pathRow
}

type pathRow struct {
	path    string
	changes []change
}

func (w *indexWriter) path(p string) { w.paths = append(w.paths, pathRow{path: p}) }

// change adds a change of the path that was added last.
func (w *indexWriter) change(commit int, kind changeKind, object history.Hash) {
	row := &w.paths[len(w.paths)-1]
	row.changes = append(row.changes, change{commit, kind, object})
}

// finish returns the index, for a pack with some objects at their offsets.
func (w *indexWriter) finish(offsets map[history.Hash]int, pack []byte) []byte {
	objects := sortIDs(maps.Keys(offsets))
	outside := map[history.Hash]bool{}
	for _, row := range w.paths {
		for _, c := range row.changes {
			if _, ok := offsets[c.object]; !ok && c.kind != changeAbsent {
				outside[c.object] = true
			}
		}
	}

	foreign := sortIDs(maps.Keys(outside))
	commits, parents := w.encodeCommits()

	out := []byte(signature)
	for _, n := range []int{len(w.commits), len(parents), len(objects), len(foreign), len(w.paths)} {
		out = binary.BigEndian.AppendUint32(out, uint32(n))
	}

	out = append(out, commits...)
	out = appendIDs(out, parents)
	out = appendIDs(out, objects)
	for _, id := range objects {
		out = binary.BigEndian.AppendUint32(out, uint32(offsets[id]))
	}

	out = appendIDs(out, foreign)
	out = append(binary.AppendUvarint(out, uint64(len(w.dir))), w.dir...)

	numbers := make(map[history.Hash]int, len(objects)+len(foreign))
	for n, id := range slices.Concat(objects, foreign) {
		numbers[id] = n
	}
	out = w.appendPaths(out, numbers)

	out = append(out, pack[len(pack)-hashSize:]...)
	sum := sha256.Sum256(out)
	return append(out, sum[:]...)
}

// encodeCommits returns the table of commits, and the parents that are outside.
func (w *indexWriter) encodeCommits() (table []byte, outside []history.Hash) {
	numbers := map[history.Hash]int{}
	for _, c := range w.commits {
		parent := c.parent
		if parent == outsideParent {
			n, ok := numbers[c.outside]
			if !ok {
				n = len(outside)
				numbers[c.outside] = n
				outside = append(outside, c.outside)
			}
			parent = len(w.commits) + n
		}

		table = append(table, c.id[:]...)
		table = binary.BigEndian.AppendUint64(table, uint64(c.time))
		table = binary.BigEndian.AppendUint32(table, uint32(parent))
	}

	return table, outside
}

func (w *indexWriter) appendPaths(out []byte, numbers map[history.Hash]int) []byte {
	before := ""
	for _, row := range w.paths {
		shared := matchLength([]byte(before), []byte(row.path))
		out = binary.AppendUvarint(out, uint64(shared))
		out = binary.AppendUvarint(out, uint64(len(row.path)-shared))
		out = append(out, row.path[shared:]...)
		before = row.path

		out = binary.AppendUvarint(out, uint64(len(row.changes)))
		last := -1
		for _, c := range row.changes {
			out = binary.AppendUvarint(out, uint64(c.commit-last))
			last = c.commit

			code := uint64(0)
			if c.kind != changeAbsent {
				code = uint64(numbers[c.object])*2 + 1
			}
			if c.kind == changeLink {
				code++
			}
			out = binary.AppendUvarint(out, code)
		}
	}

	return out
}

func appendIDs(out []byte, ids []history.Hash) []byte {
	for _, id := range ids {
		out = append(out, id[:]...)
	}
	return out
}

func compareIDs(a, b history.Hash) int { return bytes.Compare(a[:], b[:]) }

func sortIDs(ids func(func(history.Hash) bool)) []history.Hash {
	return slices.SortedFunc(ids, compareIDs)
}
