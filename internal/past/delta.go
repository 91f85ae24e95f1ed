package past

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// A delta (gitformat-pack(5), "Deltified representation") makes a text from a base: the
// lengths of both, then instructions that copy from the base or insert bytes.

const (
	// block is how many bytes have to agree for a match to be found.
	block = 16
	// stride is the distance of the blocks of the base that are looked up.
	stride = 8
	// maxTries bounds how many blocks with one hash are compared.
	maxTries = 8
	// minCopy is the shortest copy: its instruction may have seven bytes.
	minCopy = 8
	// maxCopy is the longest copy of one instruction.
	maxCopy = 0x10000
	// maxInsert is the longest insertion of one instruction.
	maxInsert = 0x7f
)

// differ computes deltas. Its memory is reused.
type differ struct {
	heads []int32 // by hash: the number of a block plus one
	next  []int32 // by block: the one before it with the same hash
	out   []byte
}

// diff returns the delta that makes a text from a base. It is valid until the next
// call. Most versions differ in one place, so what they begin and end with is compared
// first.
func (d *differ) diff(base, text []byte) []byte {
	d.out = binary.AppendUvarint(d.out[:0], uint64(len(base)))
	d.out = binary.AppendUvarint(d.out, uint64(len(text)))

	prefix := matchLength(base, text)
	if prefix < minCopy {
		prefix = 0
	}
	suffix := suffixLength(base[prefix:], text[prefix:])
	if suffix < minCopy {
		suffix = 0
	}

	d.copy(0, prefix)
	d.middle(base, text, prefix, len(text)-suffix)
	d.copy(len(base)-suffix, suffix)
	return d.out
}

// middle writes a part of the text.
func (d *differ) middle(base, text []byte, from, to int) {
	if to-from < block || len(base) < block {
		d.insert(text[from:to])
		return
	}

	shift := d.index(base)
	pending := from // the first byte that is not written
	for at := from; at+block <= to; {
		start, length := d.match(base, text[:to], at, shift)
		if length == 0 {
			at++
			continue
		}

		begin := at
		for begin > pending && start > 0 && base[start-1] == text[begin-1] {
			begin--
			start--
			length++
		}

		d.insert(text[pending:begin])
		d.copy(start, length)
		at = begin + length
		pending = at
	}

	d.insert(text[pending:to])
}

// index hashes the blocks of the base. It returns by how many bits a hash is shifted.
func (d *differ) index(base []byte) (shift int) {
	blocks := (len(base)-block)/stride + 1
	width := max(bits.Len(uint(blocks)), 4)
	if 1<<width > len(d.heads) {
		d.heads = make([]int32, 1<<width)
	}
	if blocks > len(d.next) {
		d.next = make([]int32, 2*blocks)
	}

	shift = 64 - width
	clear(d.heads[:1<<width])
	for n := blocks - 1; n >= 0; n-- { // the first one is found first
		h := hashBlock(base[n*stride:]) >> shift
		d.next[n] = d.heads[h]
		d.heads[h] = int32(n + 1)
	}

	return shift
}

// match finds the longest of a few matches for what the text has at a position.
func (d *differ) match(base, text []byte, at, shift int) (start, length int) {
	n := d.heads[hashBlock(text[at:])>>shift]
	for tries := 0; n > 0 && tries < maxTries; tries++ {
		from := int(n-1) * stride
		if l := matchLength(base[from:], text[at:]); l >= block && l > length {
			start, length = from, l
		}
		n = d.next[n-1]
	}
	return start, length
}

// hashBlock hashes the first 16 bytes.
func hashBlock(b []byte) uint64 {
	const odd1, odd2 = 0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f
	return (binary.LittleEndian.Uint64(b)*odd1 ^ binary.LittleEndian.Uint64(b[8:])) * odd2
}

// matchLength returns how many bytes two texts have in common at the beginning.
func matchLength(a, b []byte) int {
	end := min(len(a), len(b))
	n := 0
	for ; n+8 <= end; n += 8 {
		if x := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); x != 0 {
			return n + bits.TrailingZeros64(x)/8
		}
	}
	for n < end && a[n] == b[n] {
		n++
	}
	return n
}

// suffixLength returns how many bytes two texts have in common at the end.
func suffixLength(a, b []byte) int {
	end := min(len(a), len(b))
	n := 0
	for n < end && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// insert appends instructions that insert some bytes.
func (d *differ) insert(text []byte) {
	for len(text) > 0 {
		n := min(len(text), maxInsert)
		d.out = append(append(d.out, byte(n)), text[:n]...)
		text = text[n:]
	}
}

// copy appends instructions that copy from the base.
func (d *differ) copy(start, length int) {
	for length > 0 {
		n := min(length, maxCopy)
		at := len(d.out)
		d.out = append(d.out, 0)
		code := byte(0x80)

		for i := range 4 {
			if b := byte(start >> (8 * i)); b != 0 {
				d.out = append(d.out, b)
				code |= 1 << i
			}
		}
		for i := range 2 { // a length of 0 is maxCopy
			if b := byte(n >> (8 * i)); n < maxCopy && b != 0 {
				d.out = append(d.out, b)
				code |= 0x10 << i
			}
		}

		d.out[at] = code
		start += n
		length -= n
	}
}

var errDelta = errors.New("a delta is damaged")

// patch applies a delta; the result has at most limit bytes.
func patch(base, delta []byte, limit int) ([]byte, error) {
	size, n := binary.Uvarint(delta)
	if n <= 0 || size != uint64(len(base)) {
		return nil, errDelta
	}
	delta = delta[n:]
	if size, n = binary.Uvarint(delta); n <= 0 || size > uint64(limit) {
		return nil, errDelta
	}
	delta = delta[n:]

	text := make([]byte, 0, size)
	for len(delta) > 0 {
		var from []byte
		if from, delta = instruction(base, delta); from == nil || uint64(len(text)+len(from)) > size {
			return nil, errDelta
		}
		text = append(text, from...)
	}

	if uint64(len(text)) != size {
		return nil, errDelta
	}

	return text, nil
}

// instruction returns the bytes that the first instruction of a delta appends, nil if
// it is damaged, and the rest.
func instruction(base, delta []byte) (bytes, rest []byte) {
	code := delta[0]
	delta = delta[1:]
	if code&0x80 == 0 {
		if code == 0 || int(code) > len(delta) {
			return nil, nil
		}
		return delta[:code], delta[code:]
	}

	var field [7]byte // of the offset 4, of the length 3
	for i := range field {
		if code&(1<<i) == 0 {
			continue
		}
		if len(delta) == 0 {
			return nil, nil
		}
		field[i], delta = delta[0], delta[1:]
	}

	start := int64(binary.LittleEndian.Uint32(field[:4]))
	length := int64(field[4]) | int64(field[5])<<8 | int64(field[6])<<16
	if length == 0 {
		length = maxCopy
	}
	if start+length > int64(len(base)) {
		return nil, nil
	}

	return base[start : start+length], delta
}
