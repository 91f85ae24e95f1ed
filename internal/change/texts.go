package change

import (
	"errors"
	"fmt"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Source reads the content of files.
type Source interface {
	// Blob reads a file's content; false for one of more than limit bytes.
	Blob(id history.Hash, limit int64) (data []byte, ok bool, err error)
}

// texts reads versions of files, and keeps some: mostly, a version is compared with
// one that was read before. It is not safe for concurrent use.
type texts struct {
	src   Source
	known map[history.Hash]text
	bytes int
}

type text struct {
	state State
	json  []byte // compact
}

// keepBytes bounds the texts that are kept. When there are more, all are forgotten.
const keepBytes = 8 << 20

// read returns whether a file is readable, and its text without white space.
func (t *texts) read(blob history.Hash) (State, []byte, error) {
	if known, ok := t.known[blob]; ok {
		return known.state, known.json, nil
	}

	limits := inventory.FileLimits()
	data, ok, err := t.src.Blob(blob, int64(limits.Bytes))
	if err != nil {
		return Unreadable, nil, err
	}

	found := text{state: Unreadable}
	if ok {
		if json, err := rawjson.Compact(data, limits); err == nil {
			found = text{Present, json}
		}
	}

	if t.bytes += cap(found.json); t.bytes > keepBytes || t.known == nil {
		t.known, t.bytes = map[history.Hash]text{}, cap(found.json)
	}
	t.known[blob] = found

	return found.state, found.json, nil
}

// entry returns the state of what a tree has in the place of a file, and the text of
// one that is present.
func (t *texts) entry(e history.Entry) (State, []byte, error) {
	switch {
	case e.Mode == 0:
		return Absent, nil, nil
	case !e.Regular():
		return Unreadable, nil, nil
	}
	return t.read(e.Hash)
}

// blobOf is the hash of a file, zero for anything else.
func blobOf(e history.Entry) history.Hash {
	if !e.Regular() {
		return history.Hash{}
	}
	return e.Hash
}

var errUnreadable = errors.New("one of them is not readable")

// compare stores the difference of two files, and returns its number.
func (t *texts) compare(s *spool, from, to history.Hash) (int32, error) {
	if from == to {
		return s.add(&Delta{})
	}

	before, older, err := t.read(from)
	if err != nil {
		return 0, err
	}

	after, newer, err := t.read(to)
	if err != nil {
		return 0, err
	}
	if before != Present || after != Present {
		return 0, fmt.Errorf("compare the files %s and %s: %w", from, to, errUnreadable)
	}

	return s.add(Diff(older, newer))
}
