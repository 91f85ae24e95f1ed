package gitrepo

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/idxfile"
)

// packIndex has the offset of each object of a pack.
type packIndex map[plumbing.Hash]int64

// readIndex reads the index of a pack, of version 1 or 2.
func readIndex(path string) (packIndex, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}

	index, err := parseIndex(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}

	return index, nil
}

func parseIndex(data []byte) (packIndex, error) {
	if bytes.HasPrefix(data, []byte("\xfftOc")) {
		return parseIndexV2(data)
	}
	return parseIndexV1(data)
}

func parseIndexV2(data []byte) (packIndex, error) {
	file := idxfile.NewMemoryIndex()
	if err := idxfile.NewDecoder(bytes.NewReader(data)).Decode(file); err != nil {
		return nil, err
	}

	count, err := file.Count()
	if err != nil {
		return nil, err
	}

	entries, err := file.Entries()
	if err != nil {
		return nil, err
	}

	index := make(packIndex, count)
	for {
		e, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return index, nil
		}
		if err != nil {
			return nil, err
		}
		index[e.Hash] = int64(e.Offset)
	}
}

// parseIndexV1 reads an index of version 1, which go-git does not know: how many
// names start with at most each byte, offsets and names, and two checksums.
func parseIndexV1(data []byte) (packIndex, error) {
	const (
		fanout = 256 * 4
		entry  = 4 + sha1.Size
		sums   = 2 * sha1.Size
	)

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

	index := make(packIndex, count)
	for ; len(entries) > 0; entries = entries[entry:] {
		index[plumbing.Hash(entries[4:entry])] = int64(binary.BigEndian.Uint32(entries))
	}

	return index, nil
}

// encode writes an index of version 1 for a pack with a checksum. Offsets have four
// bytes there.
func (index packIndex) encode(packSum []byte) []byte {
	names := slices.SortedFunc(maps.Keys(index), func(a, b plumbing.Hash) int { return bytes.Compare(a[:], b[:]) })
	counts := [256]uint32{}
	for _, h := range names {
		counts[h[0]]++
	}

	var data []byte
	total := uint32(0)
	for _, n := range counts {
		total += n
		data = binary.BigEndian.AppendUint32(data, total)
	}

	for _, h := range names {
		data = append(binary.BigEndian.AppendUint32(data, uint32(index[h])), h[:]...)
	}

	data = append(data, packSum...)
	sum := sha1.Sum(data)
	return append(data, sum[:]...)
}
