package publish

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"path"

	"github.com/andybalholm/brotli"
)

// Variants are the suffixes of compressed files, beside the file itself.
const (
	gzipSuffix   = ".gz"
	brotliSuffix = ".br"
)

// IsVariant reports whether a path is that of a compressed file.
func IsVariant(p string) bool {
	ext := path.Ext(p)
	return ext == gzipSuffix || ext == brotliSuffix
}

// worthwhile is the length from which compression pays: below it a response
// fits one packet anyway.
const worthwhile = 1 << 10

// sharedBrotli is the length from which a file gets a brotli encoder of its own.
// An encoder chooses its method by the length of the first text, at this
// bound, and keeps it: the same encoder for both kinds would give other bytes
// by the order of the files.
const sharedBrotli = 1 << 20

// compressor makes variants. It keeps its encoders, which are large, and
// serves one goroutine.
type compressor struct {
	gzip    *gzip.Writer
	brotli  *brotli.Writer
	scratch bytes.Buffer
}

func newCompressor() *compressor {
	gz, err := gzip.NewWriterLevel(nil, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	return &compressor{gzip: gz, brotli: newBrotli()}
}

func newBrotli() *brotli.Writer { return brotli.NewWriterLevel(nil, 5) }

// compressible reports whether a kind of file has anything to gain.
func compressible(p string) bool {
	switch path.Ext(p) {
	case ".png", ".ico", ".woff2", ".jpg", ".webp":
		return false
	}
	return true
}

// variants returns the compressed forms of a file by suffix, none where they
// do not pay.
func (c *compressor) variants(f File) (map[string][]byte, error) {
	if len(f.Body) < worthwhile || !compressible(f.Path) {
		return nil, nil
	}
	br := c.brotli
	if len(f.Body) >= sharedBrotli {
		br = newBrotli()
	}
	out := map[string][]byte{gzipSuffix: f.Gzip}
	for suffix, enc := range map[string]encoder{gzipSuffix: c.gzip, brotliSuffix: br} {
		if out[suffix] != nil {
			continue
		}
		packed, err := c.pack(enc, f.Body)
		if err != nil {
			return nil, err
		}
		out[suffix] = packed
	}
	maps.DeleteFunc(out, func(_ string, packed []byte) bool { return len(packed) >= len(f.Body) })
	return out, nil
}

// encoder is what both formats' writers have in common.
type encoder interface {
	io.WriteCloser
	Reset(io.Writer)
}

func (c *compressor) pack(enc encoder, body []byte) ([]byte, error) {
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
