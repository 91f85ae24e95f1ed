package past

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"sort"

	"github.com/chameleoncloud/refapi/internal/history"
)

const (
	commitSize   = hashSize + 8 + 4
	countsEnd    = len(signature) + 5*4
	checksumSize = hashSize + sha256.Size // the pack's and the index's
)

var errIndex = errors.New("the index is damaged")

// index is an index that was read. Its parts are slices of the file.
type index struct {
	numbers map[history.Hash]int // of the commits
	commits []byte
	parents []byte // outside
	objects []byte
	offsets []byte
	outside []byte
	dir     string
	paths   []pathIndex
	pack    []byte // checksum

	chainOf []int32 // by commit
	chains  []chain
}

// pathIndex is a path with its changes, as in the file.
type pathIndex struct {
	path    string
	changes []byte
}

// chain is a run of commits of which each is the first parent of the next.
type chain struct {
	start int // the number of its first commit
	// parent is the first parent of that one: the number of a commit, or of a parent
	// outside after these, or noParent.
	parent int
}

// parseIndex reads an index. It checks all numbers, so that nothing fails later.
func parseIndex(data []byte) (*index, error) {
	if len(data) < countsEnd+checksumSize || string(data[:len(signature)]) != signature {
		return nil, errIndex
	}
	body := data[:len(data)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], data[len(body):]) {
		return nil, fmt.Errorf("%w: its checksum is another one", errIndex)
	}

	var counts [5]int
	for i := range counts {
		counts[i] = int(binary.BigEndian.Uint32(data[len(signature)+4*i:]))
		if counts[i] > len(data) { // so that sizes do not overflow
			return nil, errIndex
		}
	}

	x := &index{numbers: make(map[history.Hash]int, counts[0])}
	rest := body[countsEnd : len(body)-hashSize]
	x.pack = body[len(body)-hashSize:]
	for _, part := range []struct {
		to   *[]byte
		size int
	}{
		{&x.commits, counts[0] * commitSize},
		{&x.parents, counts[1] * hashSize},
		{&x.objects, counts[2] * hashSize},
		{&x.offsets, counts[2] * 4},
		{&x.outside, counts[3] * hashSize},
	} {
		if part.size > len(rest) {
			return nil, errIndex
		}
		*part.to, rest = rest[:part.size], rest[part.size:]
	}

	var length [1]uint64
	if rest = uvarints(rest, length[:]); rest == nil || length[0] > uint64(len(rest)) {
		return nil, errIndex
	}
	x.dir, rest = string(rest[:length[0]]), rest[length[0]:]

	if err := x.parseCommits(counts[0], counts[1]); err != nil {
		return nil, err
	}

	return x, x.parsePaths(rest, counts[4])
}

// parseCommits numbers the commits, and finds their chains. A chain goes on to the last
// child of a commit: that is the merge of a side branch, which comes after the branch.
func (x *index) parseCommits(count, outside int) error {
	if count == 0 {
		return errIndex
	}

	heir := make([]int32, count)
	for n := range count {
		id := hashAt(x.commits, n*commitSize)
		if _, ok := x.numbers[id]; ok {
			return errIndex
		}
		x.numbers[id] = n

		p := x.parent(n)
		if p < n {
			heir[p] = int32(n)
		} else if p < count || p >= count+outside && p != noParent {
			return errIndex
		}
	}

	x.chainOf = make([]int32, count)
	for n := range count {
		if p := x.parent(n); p < n && heir[p] == int32(n) {
			x.chainOf[n] = x.chainOf[p]
			continue
		}
		x.chainOf[n] = int32(len(x.chains))
		x.chains = append(x.chains, chain{start: n, parent: x.parent(n)})
	}

	return nil
}

func (x *index) parsePaths(rest []byte, count int) error {
	before := ""
	for range count {
		var numbers [2]uint64
		if rest = uvarints(rest, numbers[:]); rest == nil ||
			numbers[0] > uint64(len(before)) || numbers[1] > uint64(len(rest)) {
			return errIndex
		}

		p := before[:numbers[0]] + string(rest[:numbers[1]])
		if rest = rest[numbers[1]:]; p <= before {
			return errIndex
		}

		end := x.skipChanges(rest)
		if end < 0 {
			return errIndex
		}
		x.paths = append(x.paths, pathIndex{p, rest[:end]})
		rest, before = rest[end:], p
	}

	if len(rest) > 0 {
		return errIndex
	}

	return nil
}

// skipChanges returns the length of the changes of a path, -1 if they are damaged.
func (x *index) skipChanges(data []byte) int {
	objects := uint64(len(x.objects)+len(x.outside)) / uint64(hashSize)
	var count [1]uint64
	rest := uvarints(data, count[:])
	commit := int64(-1)
	for range count[0] {
		var change [2]uint64
		if rest = uvarints(rest, change[:]); rest == nil || change[0] == 0 || change[0] > uint64(len(x.chainOf)) ||
			change[1] > 2*objects {
			return -1
		}
		if commit += int64(change[0]); commit >= int64(len(x.chainOf)) {
			return -1
		}
	}

	if rest == nil {
		return -1
	}

	return len(data) - len(rest)
}

// uvarints reads varints, and returns the rest; nil if there are less.
func uvarints(data []byte, to []uint64) []byte {
	for i := range to {
		v, n := binary.Uvarint(data)
		if n <= 0 {
			return nil
		}
		to[i], data = v, data[n:]
	}
	return data[:len(data):len(data)]
}

// parent returns the first parent of a commit: its number, or that of one outside after
// the commits, or noParent.
func (x *index) parent(n int) int {
	return int(binary.BigEndian.Uint32(x.commits[n*commitSize+hashSize+8:]))
}

// time is the committer's time, in seconds.
func (x *index) time(n int) int64 {
	return int64(binary.BigEndian.Uint64(x.commits[n*commitSize+hashSize:]))
}

// id returns the id of a commit.
func (x *index) id(n int) history.Hash { return hashAt(x.commits, n*commitSize) }

func hashAt(data []byte, at int) history.Hash { return history.Hash(data[at : at+hashSize]) }

// changeAt returns the code of the change by which a path got what it has at a commit:
// that of the newest among the commit and its first parents. Where the segment has
// none, it returns the parent at which the search goes on.
func (x *index) changeAt(p pathIndex, commit int) (code uint64, found bool, parent int) {
	var count [1]uint64
	rest := uvarints(p.changes, count[:])
	type change struct {
		commit int
		code   uint64
	}

	changes := make([]change, 0, count[0])
	last := -1
	for range count[0] {
		var row [2]uint64
		rest = uvarints(rest, row[:])
		if last += int(row[0]); last > commit {
			break
		}
		changes = append(changes, change{last, row[1]})
	}

	for i := len(changes) - 1; i >= 0; i-- {
		if commit, parent = x.descend(commit, changes[i].commit); parent != local {
			return 0, false, parent
		}
		if commit == changes[i].commit {
			return changes[i].code, true, 0
		}
	}

	_, parent = x.descend(commit, -1)
	return 0, false, parent
}

// local is the parent of what is in the segment.
const local = -1

// descend goes along first parents from a commit, until it is at another one or on a
// chain that begins before that. It returns where it is, or at which parent the segment
// ends.
func (x *index) descend(from, to int) (at, parent int) {
	for from > to {
		c := x.chainOf[from]
		if to >= 0 && x.chainOf[to] == c {
			return to, local
		}

		chain := x.chains[c]
		if chain.start <= to {
			return from, local // the other one is beside it
		}
		if chain.parent >= len(x.chainOf) {
			return 0, chain.parent
		}
		from = chain.parent
	}

	return from, local
}

// find returns the number of an id among sorted ones.
func find(ids []byte, id history.Hash) (int, bool) {
	count := len(ids) / hashSize
	n := sort.Search(count, func(n int) bool {
		return bytes.Compare(ids[n*hashSize:(n+1)*hashSize], id[:]) >= 0
	})
	return n, n < count && hashAt(ids, n*hashSize) == id
}
