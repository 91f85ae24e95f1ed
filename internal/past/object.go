package past

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/chameleoncloud/refapi/internal/history"
)

var errPack = errors.New("the pack is damaged")

// maxWork bounds the bytes that are unpacked for one object: more than maxWeight for
// each segment of the longest history.
const maxWork = 32 * maxWeight

// maxCached bounds the bytes of cached objects. When there are more, the cache is
// emptied: what is read next soon fills it again.
const maxCached = 16 << 20

type cacheKey struct{ segment, offset int }

// header is the beginning of an object in a pack.
type header struct {
	segment int
	offset  int // of the object
	kind    byte
	size    int // of what is compressed
	data    int // offset of that
}

// Read returns the content of a file; false if it was too large to be stored.
func (p *Past) Read(e Entry) (text []byte, ok bool, err error) {
	segment, offset, ok := p.locate(e.ID, e.segment+1)
	if !ok {
		return nil, false, fmt.Errorf("read object %s: %w: it is not there", e.ID, errPack)
	}
	if offset == 0 {
		return nil, false, nil
	}

	if text, err = p.object(segment, offset); err != nil {
		return nil, false, fmt.Errorf("read object %s: %w", e.ID, err)
	}
	if blobID(text) != e.ID {
		return nil, false, fmt.Errorf("read object %s: %w: it is another one", e.ID, errPack)
	}

	return bytes.Clone(text), true, nil
}

// blobID returns the id that git gives a text.
func blobID(text []byte) history.Hash {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(text))
	h.Write(text)
	return history.Hash(h.Sum(nil))
}

// size returns the length of a file's content; of one that is too large, more than is
// allowed.
func (p *Past) size(e Entry) (int64, error) {
	segment, offset, ok := p.locate(e.ID, e.segment+1)
	switch {
	case !ok:
		return 0, fmt.Errorf("read object %s: %w: it is not there", e.ID, errPack)
	case offset == 0:
		return int64(maxText()) + 1, nil
	}

	text, err := p.object(segment, offset)
	return int64(len(text)), err
}

// locate finds an object in the first segments. Its offset is as in the index: 0 of one
// which is too large.
func (p *Past) locate(id history.Hash, segments int) (segment, offset int, ok bool) {
	for n := segments - 1; n >= 0; n-- {
		s := p.segments[n]
		if at, ok := find(s.objects, id); ok {
			return n, int(binary.BigEndian.Uint32(s.offsets[4*at:])), true
		}
	}
	return 0, 0, false
}

// object unpacks an object: it goes down the chain of deltas to a text that is whole, or
// cached, and applies them from there.
func (p *Past) object(segment, offset int) ([]byte, error) {
	var chain []header
	text := p.get(segment, offset)
	for depth := 0; text == nil; {
		h, err := p.header(segment, offset)
		if err != nil {
			return nil, err
		}

		if h.kind == typeBlob {
			if text, err = p.inflate(h); err != nil {
				return nil, err
			}
			p.put(segment, offset, text)
			break
		}

		chain = append(chain, h)
		base, at, err := p.base(&chain[len(chain)-1])
		if err != nil {
			return nil, err
		}

		// A base is before its delta, or in an earlier segment: this ends.
		if depth++; depth > maxDepth {
			return nil, fmt.Errorf("%w: a chain of deltas is too long", errPack)
		}
		if base != segment {
			depth = 0
		}
		segment, offset = base, at
		text = p.get(segment, offset)
	}

	work := 0
	for i := len(chain) - 1; i >= 0; i-- {
		delta, err := p.inflate(chain[i])
		if err != nil {
			return nil, err
		}
		if text, err = patch(text, delta, maxText()); err != nil {
			return nil, fmt.Errorf("%w: %w", errPack, err)
		}
		if work += len(text) + len(delta); work > maxWork {
			return nil, fmt.Errorf("%w: a chain of deltas is too long", errPack)
		}
		p.put(chain[i].segment, chain[i].offset, text)
	}

	return text, nil
}

// maxHeader is the length of the longest header that is read: of the type and the size,
// and of the base.
const maxHeader = 2*binary.MaxVarintLen32 + hashSize

// header reads the header of an object.
func (p *Past) header(segment, offset int) (header, error) {
	h := header{segment: segment, offset: offset}
	s := p.segments[segment]
	if offset < packHeader || int64(offset) >= s.size {
		return h, fmt.Errorf("%w: an offset is outside", errPack)
	}

	buffer := make([]byte, min(maxHeader, int(s.size)-offset))
	if _, err := s.pack.ReadAt(buffer, int64(offset)); err != nil && err != io.EOF {
		return h, err
	}

	first := buffer[0]
	h.kind = first >> 4 & 7
	size, n := uint64(first&0x0f), 1
	if first&0x80 != 0 {
		more, m := binary.Uvarint(buffer[1:])
		if m <= 0 || more > uint64(maxText()) {
			return h, fmt.Errorf("%w: an object is too large", errPack)
		}
		size, n = size|more<<4, 1+m
	}

	if size > uint64(maxText()) {
		return h, fmt.Errorf("%w: an object is too large", errPack)
	}

	h.size, h.data = int(size), offset+n
	return h, nil
}

// base finds the base of a delta, and corrects where the delta's data begin.
func (p *Past) base(h *header) (segment, offset int, err error) {
	s := p.segments[h.segment]
	buffer := make([]byte, min(hashSize, max(int(s.size)-h.data, 0)))
	if _, err := s.pack.ReadAt(buffer, int64(h.data)); err != nil && err != io.EOF {
		return 0, 0, err
	}

	switch h.kind {
	case typeOffsetDelta:
		distance, n := 0, 0
		for more := true; more; n++ {
			if n == len(buffer) || n == binary.MaxVarintLen32 {
				return 0, 0, fmt.Errorf("%w: a delta does not have its base", errPack)
			}
			if n > 0 {
				distance++
			}
			distance = distance<<7 | int(buffer[n]&0x7f)
			more = buffer[n]&0x80 != 0
		}

		if distance <= 0 || distance > h.offset {
			return 0, 0, fmt.Errorf("%w: the base of a delta is outside", errPack)
		}

		h.data += n
		return h.segment, h.offset - distance, nil

	case typeIDDelta:
		if len(buffer) < hashSize {
			return 0, 0, fmt.Errorf("%w: a delta does not have its base", errPack)
		}
		segment, offset, ok := p.locate(history.Hash(buffer), h.segment)
		if !ok || offset == 0 {
			return 0, 0, fmt.Errorf("%w: a delta is of an object that is in no segment before", errPack)
		}
		h.data += hashSize
		return segment, offset, nil
	}

	return 0, 0, fmt.Errorf("%w: an object has the type %d", errPack, h.kind)
}

// inflater decompresses; its memory is reused.
type inflater struct {
	in   *bufio.Reader
	zlib io.ReadCloser
}

// inflate decompresses an object's data, which has the size that its header claims.
func (p *Past) inflate(h header) ([]byte, error) {
	s := p.segments[h.segment]
	in := io.NewSectionReader(s.pack, int64(h.data), max(s.size-int64(h.data), 0))
	z, _ := p.inflaters.Get().(*inflater)
	if z == nil {
		z = &inflater{in: bufio.NewReaderSize(in, 1<<10)}
	}
	defer p.inflaters.Put(z)

	z.in.Reset(in)
	var err error
	if z.zlib == nil {
		z.zlib, err = zlib.NewReader(z.in)
	} else {
		err = z.zlib.(zlib.Resetter).Reset(z.in, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errPack, err)
	}

	// The size is not to be trusted yet.
	var out bytes.Buffer
	out.Grow(min(h.size, 64<<10) + bytes.MinRead)
	if _, err := out.ReadFrom(io.LimitReader(z.zlib, int64(h.size)+1)); err != nil {
		return nil, fmt.Errorf("%w: %w", errPack, err)
	}
	if out.Len() != h.size {
		return nil, fmt.Errorf("%w: an object does not have the length that its header claims", errPack)
	}

	return out.Bytes(), nil
}

func (p *Past) get(segment, offset int) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cache[cacheKey{segment, offset}]
}

func (p *Past) put(segment, offset int, text []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cached += len(text); p.cached > maxCached {
		clear(p.cache)
		p.cached = len(text)
	}
	p.cache[cacheKey{segment, offset}] = text
}
