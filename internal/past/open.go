package past

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/chameleoncloud/refapi/internal/history"
)

// Segment has the files of a segment.
type Segment struct {
	Index []byte
	Pack  io.ReaderAt
	Size  int64 // of the pack
}

// Past reads files as of any commit. It may be used by several goroutines.
type Past struct {
	segments []*segment
	paths    map[string][]pathRef // the newest segment is last
	sorted   []string

	mu     sync.Mutex // of what follows
	cache  map[cacheKey][]byte
	cached int

	inflaters sync.Pool
}

// segment is a segment that is open.
type segment struct {
	*index
	pack    io.ReaderAt
	size    int64
	parents []place // outside
}

// place is a commit: the number of its segment, and its own in that.
type place struct{ segment, commit int }

// pathRef is a path in the index of a segment.
type pathRef struct{ segment, path int }

// Open opens the past of a history: all its segments, the oldest first.
func Open(segments []Segment) (*Past, error) {
	if len(segments) == 0 {
		return nil, errors.New("open the past: it has no segment")
	}

	p := &Past{paths: map[string][]pathRef{}, cache: map[cacheKey][]byte{}}
	for n, s := range segments {
		if err := p.add(s); err != nil {
			return nil, fmt.Errorf("open segment %d of the past: %w", n+1, err)
		}
	}

	p.sorted = slices.Sorted(maps.Keys(p.paths))
	return p, nil
}

func (p *Past) add(s Segment) error {
	n := len(p.segments)
	x, err := parseIndex(s.Index)
	if err != nil {
		return err
	}

	if n > 0 && x.dir != p.segments[0].dir {
		return fmt.Errorf("%w: its data directory is another one", errIndex)
	}

	// An object is not read before the header, and not after where the checksum begins.
	sum := make([]byte, hashSize)
	if s.Size < int64(packHeader+hashSize) {
		return errPack
	}
	if _, err := s.Pack.ReadAt(sum, s.Size-int64(hashSize)); err != nil && err != io.EOF {
		return err
	}
	if !bytes.Equal(sum, x.pack) {
		return fmt.Errorf("%w: it is not that of the index", errPack)
	}

	open := &segment{index: x, pack: s.Pack, size: s.Size - int64(hashSize)}
	for at := 0; at < len(x.parents); at += hashSize {
		parent, ok := p.find(hashAt(x.parents, at))
		if !ok {
			return fmt.Errorf("it goes on after commit %s, which is in no segment before", hashAt(x.parents, at))
		}
		open.parents = append(open.parents, parent)
	}

	for i, path := range x.paths {
		p.paths[path.path] = append(p.paths[path.path], pathRef{segment: n, path: i})
	}

	p.segments = append(p.segments, open)
	return nil
}

// find finds a commit.
func (p *Past) find(id history.Hash) (place, bool) {
	for s := len(p.segments) - 1; s >= 0; s-- {
		if n, ok := p.segments[s].numbers[id]; ok {
			return place{s, n}, true
		}
	}
	return place{}, false
}

// UnknownCommitError is a commit that is not in the past.
type UnknownCommitError struct{ Commit history.Hash }

func (e *UnknownCommitError) Error() string {
	return fmt.Sprintf("commit %s is not in the history", e.Commit)
}

// Time returns the committer's time of a commit.
func (p *Past) Time(commit history.Hash) (time.Time, error) {
	at, ok := p.find(commit)
	if !ok {
		return time.Time{}, &UnknownCommitError{commit}
	}
	return time.Unix(p.segments[at.segment].time(at.commit), 0).UTC(), nil
}

// Dir returns the data directory, below the root of the repository.
func (p *Past) Dir() string { return p.segments[0].dir }

// Head returns the newest commit, that of the release.
func (p *Past) Head() history.Hash {
	last := p.segments[len(p.segments)-1]
	return last.id(len(last.chainOf) - 1)
}

// Entry is a file as of a commit.
type Entry struct {
	ID     history.Hash // of its content
	IsLink bool         // the content is the target of a symbolic link

	segment int // whose commits or earlier ones brought it
}

// Lookup finds a JSON file by its path below the root of the repository; false if the
// commit does not have it.
func (p *Past) Lookup(path string, commit history.Hash) (Entry, bool, error) {
	at, ok := p.find(commit)
	if !ok {
		return Entry{}, false, &UnknownCommitError{commit}
	}
	e, ok := p.lookup(p.paths[path], at)
	return e, ok, nil
}

// lookup goes back along first parents, segment by segment.
func (p *Past) lookup(refs []pathRef, at place) (Entry, bool) {
	for {
		s := p.segments[at.segment]
		n, ok := slices.BinarySearchFunc(refs, at.segment, func(r pathRef, segment int) int { return r.segment - segment })
		var parent int
		if ok {
			code, found, next := s.changeAt(s.index.paths[refs[n].path], at.commit)
			if found {
				return s.entry(code, at.segment)
			}
			parent = next
		} else if n == 0 {
			return Entry{}, false // no earlier segment has the path
		} else {
			_, parent = s.descend(at.commit, -1)
		}

		if parent == noParent {
			return Entry{}, false
		}
		at = s.parents[parent-len(s.chainOf)]
	}
}

// entry is what a change says: see indexWriter.
func (s *segment) entry(code uint64, number int) (Entry, bool) {
	if code == 0 {
		return Entry{}, false
	}

	e := Entry{IsLink: (code-1)%2 == 1, segment: number}
	n := int(code-1) / 2
	if objects := len(s.objects) / hashSize; n < objects {
		e.ID = hashAt(s.objects, n*hashSize)
	} else {
		e.ID = hashAt(s.outside, (n-objects)*hashSize)
	}

	return e, true
}

// At returns the content of a JSON file, by its path below the root of the repository,
// as of a commit; false if it has none: the file is not there, is a link, or is too large
// to be that of a resource.
func (p *Past) At(path string, commit history.Hash) (text []byte, ok bool, err error) {
	e, ok, err := p.Lookup(path, commit)
	if err != nil || !ok || e.IsLink {
		return nil, false, err
	}
	return p.Read(e)
}
