package gitrepo

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/idxfile"
)

// packIndex finds the offset of objects in a pack.
type packIndex interface {
	// FindOffset fails for an object that is not in the pack.
	FindOffset(plumbing.Hash) (int64, error)
	// withPrefix returns the objects whose names start with a prefix.
	withPrefix([]byte) ([]plumbing.Hash, error)
}

// offsets is an index that was not read from a file of version 2.
type offsets map[plumbing.Hash]int64

func (o offsets) FindOffset(h plumbing.Hash) (int64, error) {
	if offset, ok := o[h]; ok {
		return offset, nil
	}
	return 0, plumbing.ErrObjectNotFound
}

func (o offsets) withPrefix(prefix []byte) ([]plumbing.Hash, error) {
	var found []plumbing.Hash
	for h := range o {
		if bytes.HasPrefix(h[:], prefix) {
			found = append(found, h)
		}
	}
	return found, nil
}

// indexFile is an index file of version 2.
type indexFile struct{ *idxfile.MemoryIndex }

func (f indexFile) withPrefix(prefix []byte) ([]plumbing.Hash, error) {
	entries, err := f.Entries()
	if err != nil {
		return nil, err
	}
	defer entries.Close()

	var found []plumbing.Hash
	for {
		e, err := entries.Next()
		switch {
		case errors.Is(err, io.EOF):
			return found, nil
		case err != nil:
			return nil, err
		case bytes.HasPrefix(e.Hash[:], prefix):
			found = append(found, e.Hash)
		}
	}
}

// readIndex reads the index of a pack, of version 1 or 2.
func readIndex(path string) (packIndex, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()

	var magic [4]byte
	if _, err := io.ReadFull(f, magic[:]); err != nil {
		return nil, fmt.Errorf("read %s: the file is truncated", path)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if string(magic[:]) != "\xfftOc" {
		index, err := readIndexV1(f)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		return index, nil
	}

	index := idxfile.NewMemoryIndex()
	if err := idxfile.NewDecoder(f).Decode(index); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}

	return indexFile{index}, nil
}

// readIndexV1 reads an index of version 1, which go-git does not know: how many
// names start with at most each byte, offsets and names, and two checksums.
func readIndexV1(in io.Reader) (offsets, error) {
	const (
		fanout = 256 * 4
		entry  = 4 + sha1.Size
		sums   = 2 * sha1.Size
	)

	data, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	if len(data) < fanout+sums {
		return nil, errors.New("the file is truncated")
	}

	end := len(data) - sha1.Size
	if sum := sha1.Sum(data[:end]); !bytes.Equal(sum[:], data[end:]) {
		return nil, errors.New("the checksum is wrong")
	}

	count := binary.BigEndian.Uint32(data[fanout-4:])
	entries := data[fanout : len(data)-sums]
	if int64(len(entries)) != int64(count)*entry {
		return nil, errors.New("its size does not match the number of objects")
	}

	index := make(offsets, count)
	for ; len(entries) > 0; entries = entries[entry:] {
		index[plumbing.Hash(entries[4:entry])] = int64(binary.BigEndian.Uint32(entries))
	}

	return index, nil
}
