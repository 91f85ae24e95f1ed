package publish

import (
	"bytes"
	"compress/gzip"
	"io"
	"path"

	"github.com/andybalholm/brotli"

	"github.com/chameleoncloud/refapi/internal/tree"
)

// minCompressSize is the minimum length of compressed files. Shorter ones fit into
// one packet anyway.
const minCompressSize = 1 << 10

// maxSharedBrotli is the length from which a file gets its own brotli encoder. An
// encoder chooses its method by the length of its first input, with this bound, and
// keeps it, so a shared encoder would make the output depend on the order of files.
const maxSharedBrotli = 1 << 20

// compressor creates sidecars. It reuses its encoders, which are large, so it is not
// safe for concurrent use.
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

// isCompressible reports whether a file is of a type that is not yet compressed.
func isCompressible(p string) bool {
	switch path.Ext(p) {
	case ".png", ".ico", ".woff2", ".jpg", ".webp":
		return false
	}
	return true
}

// compress returns the sidecars of a file by suffix, only those that are smaller.
func (c *compressor) compress(f tree.File) (map[string][]byte, error) {
	if len(f.Body) < minCompressSize || !isCompressible(f.Path) {
		return nil, nil
	}

	br := c.brotli
	if len(f.Body) >= maxSharedBrotli {
		br = newBrotli()
	}

	sidecars := map[string][]byte{}
	for suffix, enc := range map[string]encoder{tree.GzipSuffix: c.gzip, tree.BrotliSuffix: br} {
		body := f.Gzip
		if suffix != tree.GzipSuffix || body == nil {
			var err error
			if body, err = c.encode(enc, f.Body); err != nil {
				return nil, err
			}
		}

		if len(body) < len(f.Body) {
			sidecars[suffix] = body
		}
	}

	return sidecars, nil
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
