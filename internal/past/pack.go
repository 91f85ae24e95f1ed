package past

import (
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/chameleoncloud/refapi/internal/history"
)

// Types of objects in a pack.
const (
	typeBlob        = 3
	typeOffsetDelta = 6
	typeIDDelta     = 7
)

// packHeader is the length of a pack's header: signature, version, number of objects.
const packHeader = 12

// packWriter writes a pack.
type packWriter struct {
	out     []byte
	objects uint32
	deflater
}

func newPackWriter() *packWriter {
	w := &packWriter{deflater: *newDeflater()}
	w.out = binary.BigEndian.AppendUint32([]byte("PACK"), 2)
	w.out = binary.BigEndian.AppendUint32(w.out, 0)
	return w
}

// blob writes an object that is stored whole. All methods return the object's offset.
func (w *packWriter) blob(text []byte) (int, error) {
	return w.object(typeBlob, text, nil)
}

// offsetDelta writes a delta of an object at an offset.
func (w *packWriter) offsetDelta(delta []byte, base int) (int, error) {
	return w.object(typeOffsetDelta, delta, appendDistance(nil, len(w.out)-base))
}

// idDelta writes a delta of an object in another pack.
func (w *packWriter) idDelta(delta []byte, base history.Hash) (int, error) {
	return w.object(typeIDDelta, delta, base[:])
}

func (w *packWriter) object(kind byte, data, base []byte) (int, error) {
	offset := len(w.out)
	if offset > math.MaxInt32 {
		return 0, fmt.Errorf("the pack would have more than %d bytes", math.MaxInt32)
	}

	size := len(data)
	first := kind<<4 | byte(size&0x0f)
	if size >>= 4; size > 0 {
		w.out = binary.AppendUvarint(append(w.out, first|0x80), uint64(size))
	} else {
		w.out = append(w.out, first)
	}

	w.out = w.deflate(append(w.out, base...), data, kind != typeBlob)
	w.objects++
	return offset, nil
}

// finish returns the pack with its checksum.
func (w *packWriter) finish() []byte {
	binary.BigEndian.PutUint32(w.out[8:], w.objects)
	sum := sha1.Sum(w.out)
	return append(w.out, sum[:]...)
}

// appendDistance appends how far before a delta its base is, as OFS_DELTA has it:
// seven bits a byte, the most significant ones first, each but the last less one.
func appendDistance(out []byte, n int) []byte {
	digits := []byte{byte(n & 0x7f)}
	for n >>= 7; n > 0; n >>= 7 {
		n--
		digits = append(digits, byte(n&0x7f)|0x80)
	}
	for i := len(digits) - 1; i >= 0; i-- {
		out = append(out, digits[i])
	}
	return out
}
