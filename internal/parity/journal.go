package parity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
)

// Journal is a file that remembers what was compared, so that an interrupted walk goes
// on where it ended. Each line is a record; the first says what the walk is of.
type Journal struct {
	name string

	mu   sync.Mutex
	file *os.File
	done map[string]record
	walk walkOf
}

// walkOf identifies a walk.
type walkOf struct {
	Old    string `json:"old"`
	New    string `json:"new"`
	Commit string `json:"commit"`
	Live   bool   `json:"live"`
}

// record is a path that was compared.
type record struct {
	Path    string   `json:"path"`
	Verdict Verdict  `json:"verdict"`
	Bytes   int      `json:"bytes"` // of the legacy service's body
	Links   []string `json:"links,omitempty"`
}

// NewJournal returns the journal in a file, which need not exist.
func NewJournal(name string) *Journal { return &Journal{name: name} }

// start opens the journal for a walk. Records of another walk are dropped, and so is
// what follows a torn line: it is asked for again.
func (j *Journal) start(walk walkOf) (resumed int, err error) {
	if j == nil {
		return 0, nil
	}

	text, err := os.ReadFile(j.name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("read the state: %w", err)
	}
	if first, _, _ := bytes.Cut(text, []byte{'\n'}); len(text) > 0 && !isWalk(first) {
		return 0, fmt.Errorf("%s is not a state file of this command: give another name", j.name)
	}
	length := j.read(text, walk)

	j.file, err = os.OpenFile(j.name, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return 0, fmt.Errorf("write the state: %w", err)
	}
	if err := j.file.Truncate(int64(length)); err != nil {
		return 0, fmt.Errorf("write the state: %w", err)
	}
	if _, err := j.file.Seek(int64(length), 0); err != nil {
		return 0, fmt.Errorf("write the state: %w", err)
	}
	if length == 0 {
		return 0, j.append(walk)
	}

	return len(j.done), nil
}

// isWalk reports whether a line is the first one of a journal.
func isWalk(line []byte) bool {
	var of walkOf
	return json.Unmarshal(line, &of) == nil && of.Old != ""
}

// read reads the records of a walk, and returns how many bytes of the text they have.
func (j *Journal) read(text []byte, walk walkOf) (length int) {
	j.done, j.walk = map[string]record{}, walk
	for n := 0; ; n++ {
		end := bytes.IndexByte(text[length:], '\n')
		if end < 0 {
			return length
		}
		line := text[length : length+end]

		if n == 0 {
			var of walkOf
			if json.Unmarshal(line, &of) != nil || of != walk {
				return 0
			}
		} else {
			var r record
			if json.Unmarshal(line, &r) != nil || r.Path == "" {
				return length
			}
			j.done[r.Path] = r
		}
		length += end + 1
	}
}

// find returns the record of a path.
func (j *Journal) find(path string) (record, bool) {
	if j == nil {
		return record{}, false
	}
	r, ok := j.done[path]
	return r, ok
}

// add remembers a record.
func (j *Journal) add(r record) error {
	if j == nil {
		return nil
	}
	return j.append(r)
}

func (j *Journal) append(value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}

	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	return nil
}

// end closes the journal. A walk that is complete has nothing to go on with.
func (j *Journal) end(complete bool) error {
	if j == nil || j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	if complete {
		err = errors.Join(err, os.Remove(j.name))
	}
	return err
}
