package change

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"unique"

	"github.com/chameleoncloud/refapi/internal/route"
)

// Spool is a temporary file for differences: more than fits in memory. Writes append.
type Spool interface {
	io.Writer
	io.ReaderAt
}

// spool stores each difference once: many files change in the same way.
type spool struct {
	mu      sync.Mutex
	file    Spool
	size    int64
	stored  []span // by number; that of the first is 1
	numbers map[[sha256.Size]byte]int32

	described map[describedKey]described

	recent map[int32]*Delta // some that were read
	bytes  int              // in recent
}

// describedKey is a difference of files of a kind.
type describedKey struct {
	number int32
	kind   route.KindID
}

// described is what [Delta.Describe] returned for it.
type described struct {
	members []string
	about   string
}

// span is the place of a difference in the file.
type span struct {
	offset int64
	length int
}

func newSpool(file Spool) *spool {
	return &spool{file: file, numbers: map[[sha256.Size]byte]int32{}, described: map[describedKey]described{}}
}

// add stores a difference unless it is there, and returns its number.
func (s *spool) add(d *Delta) (int32, error) {
	data := appendDelta(nil, d)
	key := sha256.Sum256(data)

	s.mu.Lock()
	defer s.mu.Unlock()

	if number, ok := s.numbers[key]; ok {
		return number, nil
	}

	n, err := s.file.Write(data)
	offset := s.size
	s.size += int64(n)
	if err != nil {
		return 0, fmt.Errorf("store a difference in a temporary file: %w", err)
	}

	s.stored = append(s.stored, span{offset: offset, length: n})
	number := int32(len(s.stored))
	s.numbers[key] = number

	return number, nil
}

// keepDecoded bounds the differences that are kept after reading, by their length in
// the file. When there are more, all are forgotten.
const keepDecoded = 2 << 20

// read returns the difference that has a number.
func (s *spool) read(number int32) (*Delta, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if d, ok := s.recent[number]; ok {
		return d, nil
	}

	at := s.stored[number-1]
	data := make([]byte, at.length)
	_, err := s.file.ReadAt(data, at.offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read a difference from a temporary file: %w", err)
	}

	d, err := decodeDelta(data)
	if err != nil {
		return nil, fmt.Errorf("read a difference from a temporary file: %w", err)
	}
	d.Number = int(number)

	if s.bytes += at.length; s.bytes > keepDecoded || s.recent == nil {
		s.recent, s.bytes = map[int32]*Delta{}, at.length
	}
	s.recent[number] = d

	return d, nil
}

// appendDelta appends a difference: the number of its operations, these, and those of its
// reading.
func appendDelta(out []byte, d *Delta) []byte {
	out = binary.AppendUvarint(out, uint64(len(d.Ops)))
	for _, op := range slices.Concat(d.Ops, d.reading) {
		for _, n := range []int{len(op.Pointer), len(op.Old), len(op.New)} {
			out = binary.AppendUvarint(out, uint64(n))
		}
		out = append(append(append(out, op.Pointer...), op.Old...), op.New...)
	}
	return out
}

var errDamaged = errors.New("it is damaged")

// decodeDelta is the inverse of appendDelta. The result has the data's memory.
func decodeDelta(data []byte) (*Delta, error) {
	exact, width := binary.Uvarint(data)
	if width <= 0 {
		return nil, errDamaged
	}

	var ops []Op
	for data = data[width:]; len(data) > 0; {
		var lengths [3]uint64
		for i := range lengths {
			n, width := binary.Uvarint(data)
			if width <= 0 {
				return nil, errDamaged
			}
			lengths[i], data = n, data[width:]
		}

		var parts [3][]byte
		for i, n := range lengths {
			if n > uint64(len(data)) {
				return nil, errDamaged
			}
			if n > 0 { // JSON is never empty, and nil is no value
				parts[i] = slices.Clip(data[:n])
			}
			data = data[n:]
		}

		ops = append(ops, Op{Pointer: string(parts[0]), Old: parts[1], New: parts[2]})
	}

	if exact > uint64(len(ops)) {
		return nil, errDamaged
	}
	d := &Delta{Ops: slices.Clip(ops[:exact])}
	if exact < uint64(len(ops)) {
		d.reading = ops[exact:]
	}
	return d, nil
}

// describe describes a difference that has a number, once.
func (s *spool) describe(number int32, kind route.KindID, d *Delta) (members []string, about string) {
	key := describedKey{number, kind}
	s.mu.Lock()
	known, ok := s.described[key]
	s.mu.Unlock()
	if ok {
		return known.members, known.about
	}

	members, about = d.Describe(kind)
	s.mu.Lock()
	s.described[key] = described{members, about}
	s.mu.Unlock()

	return members, about
}

// Describe lists what changed at the top, up to as many members as a summary counts, and
// what that is about.
func (d *Delta) Describe(kind route.KindID) (names []string, about string) {
	var abouts []byte
	for _, op := range d.Reading() {
		name := op.Path()[0]
		i := slices.Index(names, name)
		switch {
		case i >= 0 && About(abouts[i]) == AboutHardware && kind == route.NodeKind:
			// No other change of the member matters more.
		case i >= 0:
			abouts[i] = byte(About(abouts[i]).More(op.About(kind)))
		case len(names) < maxSeenMembers:
			names = append(names, unique.Make(name).Value()) // equal ones share memory
			abouts = append(abouts, byte(op.About(kind)))
		}
	}
	return slices.Clip(names), string(abouts)
}
