package change

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/history"
)

// The form in which the rows of a segment of a history are stored: a name with a
// version, the number of commits, and of each its hash, the number of its rows, and
// these. Numbers are varints as encoding/binary has them. A string, or a list of them,
// is stored where it occurs first, after the number of those before it; later its place
// among these stands for it. So there is one form for the same rows.
const rowsMagic = "refgen changes 3\n"

// Rows encodes the rows of commits, given by their indexes in the history.
func (l *Log) Rows(commits []int) []byte {
	e := encoder{out: []byte(rowsMagic), strings: map[string]int{}, lists: map[string]int{}}
	e.number(len(commits))
	for _, n := range commits {
		id := l.history.Commits[n].ID
		e.out = append(e.out, id[:]...)
		e.number(len(l.commits[n]))
		for i := range l.commits[n] {
			e.row(l.commits[n][i].Row())
		}
	}
	return e.out
}

type encoder struct {
	out     []byte
	strings map[string]int // places
	lists   map[string]int
}

func (e *encoder) row(r Row) {
	e.out = append(e.out, stateNumber(r.Before)<<2|stateNumber(r.After))
	e.string(r.GitPath)
	e.string(r.Name)
	e.string(r.NodeType)
	e.string(r.Machine)
	e.list(r.Members)
	e.string(r.About)
}

func (e *encoder) number(n int) { e.out = binary.AppendUvarint(e.out, uint64(n)) }

func (e *encoder) string(s string) {
	place, ok := e.strings[s]
	if !ok {
		place = len(e.strings)
		e.strings[s] = place
	}

	e.number(place)
	if !ok {
		e.number(len(s))
		e.out = append(e.out, s...)
	}
}

func (e *encoder) list(list []string) {
	key := listKey(list)
	place, ok := e.lists[key]
	if !ok {
		place = len(e.lists)
		e.lists[key] = place
	}

	e.number(place)
	if !ok {
		e.number(len(list))
		for _, s := range list {
			e.string(s)
		}
	}
}

// listKey is a text that only equal lists have.
func listKey(list []string) string {
	var key strings.Builder
	for _, s := range list {
		fmt.Fprintf(&key, "%d %s", len(s), s)
	}
	return key.String()
}

// states are the states by their numbers.
func states() []State { return []State{Absent, Unreadable, Present} }

func stateNumber(s State) byte {
	switch s {
	case Present:
		return 2
	case Unreadable:
		return 1
	}
	return 0
}

var errRows = errors.New("not rows of changes as this program writes them")

// DecodeRows is the inverse of [Log.Rows]: it refuses whatever that does not make. What
// it needs is proportional to the length of the data.
func DecodeRows(data []byte) (map[history.Hash][]Row, error) {
	rest, ok := bytes.CutPrefix(data, []byte(rowsMagic))
	d := decoder{rest: rest, failed: !ok, known: map[string]bool{}, knownLists: map[string]bool{}}

	found := map[history.Hash][]Row{}
	for range d.count(minCommitBytes) {
		id := history.Hash(d.bytes(len(history.Hash{})))
		rows := make([]Row, d.count(minRowBytes))
		for i := range rows {
			rows[i] = d.row()
		}

		if _, twice := found[id]; twice || d.failed {
			return nil, errRows
		}
		found[id] = rows
	}

	if d.failed || len(d.rest) > 0 {
		return nil, errRows
	}

	return found, nil
}

// What a commit and a row take at least.
const (
	minCommitBytes = len(history.Hash{}) + 1
	minRowBytes    = 7
)

// decoder reads what encoder wrote. After a failure it returns nothing.
type decoder struct {
	rest   []byte
	failed bool

	strings    []string // by place
	known      map[string]bool
	lists      [][]string
	knownLists map[string]bool
}

func (d *decoder) fail() { d.failed, d.rest = true, nil }

// bytes returns the next n bytes; zeros after a failure.
func (d *decoder) bytes(n int) []byte {
	if n > len(d.rest) {
		d.fail()
	}
	if d.failed {
		return make([]byte, min(n, len(history.Hash{})))
	}

	out := d.rest[:n]
	d.rest = d.rest[n:]

	return out
}

// number returns the next number, in its shortest form, up to a limit.
func (d *decoder) number(limit int) int {
	n, width := binary.Uvarint(d.rest)
	isShortest := width == 1 || width > 1 && d.rest[width-1] != 0
	if !isShortest || n > uint64(limit) {
		d.fail()
		return 0
	}

	d.rest = d.rest[width:]
	return int(n)
}

// count returns a number of things that take some bytes each.
func (d *decoder) count(bytes int) int { return d.number(len(d.rest) / bytes) }

func (d *decoder) row() (r Row) {
	both := d.bytes(1)[0]
	before, after := int(both>>2), int(both&3)
	if all := states(); before < len(all) && after < len(all) && both != 0 {
		r.Before, r.After = all[before], all[after]
	} else {
		d.fail()
	}

	r.GitPath, r.Name, r.NodeType, r.Machine = d.string(), d.string(), d.string(), d.string()
	r.Members, r.About = d.list(), d.string()
	isKnown := func(c byte) bool { return About(c).rank() >= 0 }
	if len(r.About) != len(r.Members) || slices.ContainsFunc([]byte(r.About), func(c byte) bool { return !isKnown(c) }) {
		d.fail()
	}

	return r
}

func (d *decoder) string() string {
	if place := d.place(); !d.failed {
		return d.strings[place]
	}
	return ""
}

// place returns the place of the next string.
func (d *decoder) place() int {
	place := d.number(len(d.strings))
	if place < len(d.strings) || d.failed {
		return place
	}

	s := string(d.bytes(d.count(1)))
	if d.failed || d.known[s] {
		d.fail()
		return 0
	}

	d.known[s] = true
	d.strings = append(d.strings, s)

	return place
}

func (d *decoder) list() (list []string) {
	place := d.number(len(d.lists))
	switch {
	case d.failed:
		return nil
	case place < len(d.lists):
		return d.lists[place]
	}

	var key []byte // of places, since strings may be long
	for range d.count(1) {
		place := d.place()
		if d.failed {
			return nil
		}
		list = append(list, d.strings[place])
		key = binary.AppendUvarint(key, uint64(place))
	}

	if d.failed || d.knownLists[string(key)] {
		d.fail()
		return nil
	}

	d.knownLists[string(key)] = true
	d.lists = append(d.lists, list)

	return list
}
