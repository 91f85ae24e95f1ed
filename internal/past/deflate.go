package past

import (
	"bytes"
	"encoding/binary"
	"hash/adler32"

	"github.com/klauspost/compress/zlib"
)

// Most deltas have some forty bytes, for which a compressor does nothing but write
// them with the fixed codes of deflate (RFC 1951, section 3.2.6). To do that here saves
// the five bytes of an empty block that Go's compressor writes at its end, and the
// time to prepare it.
const smallText = 64

// deflater compresses texts, as zlib (RFC 1950).
type deflater struct {
	out         bytes.Buffer
	quick, best *zlib.Writer
}

func newDeflater() *deflater {
	d := &deflater{}
	// The levels are valid.
	d.quick, _ = zlib.NewWriterLevel(&d.out, zlib.BestSpeed)
	d.best, _ = zlib.NewWriterLevel(&d.out, zlib.BestCompression)
	return d
}

// deflate appends a text, compressed: a whole object well, a delta quickly, because to
// begin anew takes the good compressor longer than a delta is worth.
func (d *deflater) deflate(out, text []byte, isDelta bool) []byte {
	literal := appendLiterals(nil, text)
	if len(text) <= smallText {
		return append(out, literal...)
	}

	w := d.best
	if isDelta {
		w = d.quick
	}

	d.out.Reset()
	w.Reset(&d.out)
	_, _ = w.Write(text) // a buffer takes all
	_ = w.Close()

	if d.out.Len() < len(literal) {
		literal = d.out.Bytes()
	}

	return append(out, literal...)
}

// appendLiterals appends a zlib stream of one block with fixed codes.
func appendLiterals(out, text []byte) []byte {
	const endOfBlock, header = 0, 0b011 // seven bits; the last block, with fixed codes
	out = append(out, 0x78, 0x01)
	w := bitWriter{out: out}
	w.write(header, 3)
	for _, b := range text {
		if b < 144 {
			w.writeCode(0x30+uint32(b), 8)
		} else {
			w.writeCode(0x190+uint32(b-144), 9)
		}
	}
	w.write(endOfBlock, 7)
	w.write(0, 7) // completes the last byte
	return binary.BigEndian.AppendUint32(w.out, adler32.Checksum(text))
}

// bitWriter writes bits, the least significant ones first.
type bitWriter struct {
	out     []byte
	pending uint32
	count   int
}

func (w *bitWriter) write(bits uint32, count int) {
	w.pending |= bits << w.count
	for w.count += count; w.count >= 8; w.count -= 8 {
		w.out = append(w.out, byte(w.pending))
		w.pending >>= 8
	}
}

// writeCode writes a Huffman code, the most significant bits first.
func (w *bitWriter) writeCode(code uint32, count int) {
	var reversed uint32
	for range count {
		reversed = reversed<<1 | code&1
		code >>= 1
	}
	w.write(reversed, count)
}
