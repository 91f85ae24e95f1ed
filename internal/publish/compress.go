package publish

import (
	"bytes"
	"io"
	"path"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"

	"github.com/chameleoncloud/refapi/internal/tree"
)

// packet is about what one packet of a response carries. A form that saves less than
// that may save no packet at all, because the headers take a part of the first.
const packet = 1400

// firstFlight is what a server may send before it waits for the client: ten segments
// (RFC 6928). Where the gzip form fits into it, a smaller one arrives no sooner.
const firstFlight = 10 * packet

// maxSharedBrotli is the length from which a file gets its own brotli encoder. An
// encoder chooses its method by the length of its first input, with this bound, and
// keeps it, so a shared encoder would make the output depend on the order of files.
const maxSharedBrotli = 1 << 20

// compressor creates sidecars. It reuses its encoders, which are large, so it is not
// safe for concurrent use.
type compressor struct {
	gzip    gzipWriter
	brotli  *brotli.Writer
	scratch bytes.Buffer
}

func newCompressor() *compressor {
	const level = 6
	gz, err := gzip.NewWriterLevel(nil, level)
	if err != nil {
		panic(err) // the level is a constant
	}
	return &compressor{gzip: gzipWriter{gz}, brotli: newBrotli()}
}

// gzipWriter says that no time is known, with the zero that the format has for it.
type gzipWriter struct{ *gzip.Writer }

func (z gzipWriter) Reset(to io.Writer) {
	z.Writer.Reset(to)
	z.ModTime = time.Unix(0, 0)
}

// newBrotli returns an encoder that looks back 1 MB: one that looks back four times as
// far, as is the default, saves three in ten thousand bytes, for 20 MB of memory.
func newBrotli() *brotli.Writer {
	return brotli.NewWriterOptions(nil, brotli.WriterOptions{Quality: 5, LGWin: 20})
}

// isCompressible reports whether a file is of a type that is not yet compressed.
func isCompressible(p string) bool {
	switch path.Ext(p) {
	case ".png", ".ico", ".woff2", ".jpg", ".webp", ".pack", ".idx":
		return false
	}
	return true
}

// compress returns the sidecars of a file by suffix: gzip where that saves a packet,
// and brotli where that saves another one of a gzip form that is longer than the first
// flight. What the authors of a file have packed stays as it is.
func (c *compressor) compress(f tree.File) (map[string][]byte, error) {
	if f.Plain || len(f.Body) < packet || !isCompressible(f.Path) {
		return nil, nil
	}

	packed := f.Gzip
	if packed == nil {
		var err error
		if packed, err = c.encode(c.gzip, f.Body); err != nil {
			return nil, err
		}
	}

	sidecars := map[string][]byte{}
	if len(packed)+packet <= len(f.Body) {
		sidecars[tree.GzipSuffix] = packed
	}
	if len(packed) <= firstFlight {
		return sidecars, nil
	}

	smaller, err := c.encode(c.brotliFor(f.Body), f.Body)
	if err == nil && len(smaller)+packet <= min(len(packed), len(f.Body)) {
		sidecars[tree.BrotliSuffix] = smaller
	}

	return sidecars, err
}

// brotliFor returns the encoder for a body.
func (c *compressor) brotliFor(body []byte) encoder {
	if len(body) < maxSharedBrotli {
		return c.brotli
	}
	return newBrotli()
}

// encoder is what both formats' writers have in common.
type encoder interface {
	io.WriteCloser
	Reset(io.Writer)
}

func (c *compressor) encode(enc encoder, body []byte) ([]byte, error) {
	c.scratch.Reset()
	enc.Reset(&c.scratch)

	if _, err := enc.Write(body); err != nil {
		return nil, err
	}
	if err := enc.Close(); err != nil {
		return nil, err
	}

	return bytes.Clone(c.scratch.Bytes()), nil
}
