package gitrepo

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
)

// indexer finds the objects of a pack that has no index.
type indexer struct {
	pack   *pack
	found  packIndex
	limits Limits

	unpacked uint64 // bytes of all objects, by what they claim
	largest  uint64 // bytes of one

	// Deltas, by what they change, and the objects that are not deltas.
	byOffset map[int64][]int64
	byName   map[plumbing.Hash][]int64
	roots    []named
}

type named struct {
	offset int64
	hash   plumbing.Hash
}

// minEntry is the least that an object takes in a pack: a byte of header, and
// eight of deflated nothing.
const minEntry = 9

// packReader is a pack as it is: in memory, or a file.
type packReader interface {
	io.ReadSeeker
	io.ReaderAt
}

// indexPack finds the objects of a pack (gitformat-pack(5)). It checks the pack's
// checksum first, because nothing is read from one that is truncated or damaged, and
// sums up the sizes that objects claim before it unpacks anything that is based on
// other objects.
func indexPack(in packReader, limits Limits) (*indexer, error) {
	size, err := checkPack(in)
	if err != nil {
		return nil, err
	}

	limits.Unpacked = limits.bundleLimit(size)
	p := &pack{scanner: packfile.NewScanner(in), limit: limits.Object, cache: &objectCache{}}
	_, count, err := p.scanner.Header()
	if err != nil {
		return nil, wrapDamaged(err)
	}
	if int64(count) > size/minEntry {
		return nil, fmt.Errorf("%w: it claims to have %d objects", errDamagedPack, count)
	}

	x := &indexer{pack: p, found: make(packIndex, count), limits: limits,
		byOffset: map[int64][]int64{}, byName: map[plumbing.Hash][]int64{}}
	p.index = x.found

	for range count {
		if err := x.scan(); err != nil {
			return nil, err
		}
	}

	if _, err := p.scanner.Checksum(); err != nil {
		return nil, wrapDamaged(err)
	}

	return x, x.resolve()
}

// checkPack checks the checksum at a pack's end, and returns the pack's size.
func checkPack(in packReader) (int64, error) {
	size, err := in.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	if size < sha1.Size {
		return 0, wrapDamaged(io.ErrUnexpectedEOF)
	}

	sum, last := sha1.New(), make([]byte, sha1.Size)
	if _, err := io.Copy(sum, io.NewSectionReader(in, 0, size-sha1.Size)); err != nil {
		return 0, err
	}
	if _, err := in.ReadAt(last, size-sha1.Size); err != nil {
		return 0, err
	}
	if !bytes.Equal(sum.Sum(nil), last) {
		return 0, fmt.Errorf("%w: the checksum is wrong", errDamagedPack)
	}

	_, err = in.Seek(0, io.SeekStart)
	return size, err
}

// scan reads the next object, and names it unless it is a delta.
func (x *indexer) scan() error {
	h, err := x.pack.scanner.NextObjectHeader()
	if err != nil {
		return wrapDamaged(err)
	}
	if h.Length > x.limits.Object {
		return objectTooLarge(uint64(h.Length), x.limits.Object)
	}

	size := uint64(h.Length)
	switch h.Type {
	case plumbing.OFSDeltaObject:
		x.byOffset[h.OffsetReference] = append(x.byOffset[h.OffsetReference], h.Offset)
		size, err = x.deltaSize(h)

	case plumbing.REFDeltaObject:
		x.byName[h.Reference] = append(x.byName[h.Reference], h.Offset)
		size, err = x.deltaSize(h)

	case plumbing.CommitObject, plumbing.TreeObject, plumbing.BlobObject, plumbing.TagObject:
		hasher := plumbing.NewHasher(h.Type, h.Length)
		var n int64
		if n, _, err = x.pack.scanner.NextObject(hasher); err != nil || n != h.Length {
			return wrapDamaged(err)
		}
		x.roots = append(x.roots, named{h.Offset, hasher.Sum()})

	default:
		return fmt.Errorf("%w: an object has the unknown type %d", errDamagedPack, h.Type)
	}

	if err != nil {
		return err
	}
	if size > uint64(x.limits.Object) {
		return objectTooLarge(size, x.limits.Object)
	}
	x.largest = max(x.largest, size)
	if x.unpacked += size; x.unpacked > uint64(x.limits.Unpacked) {
		return unpackedTooLarge(x.limits.Unpacked)
	}

	return nil
}

// deltaSize skips a delta and returns the size of its result.
func (x *indexer) deltaSize(h *packfile.ObjectHeader) (uint64, error) {
	var head headWriter
	n, _, err := x.pack.scanner.NextObject(&head)
	if err != nil || n != h.Length {
		return 0, wrapDamaged(err)
	}
	return targetSize(head)
}

// headWriter keeps the beginning of a delta, which has both sizes.
type headWriter []byte

const deltaHead = 2 * binary.MaxVarintLen64

func (w *headWriter) Write(p []byte) (int, error) {
	*w = append(*w, p[:min(len(p), deltaHead-len(*w))]...)
	return len(p), nil
}

// workFactor is how many times the bytes of all objects may be unpacked to name
// them. Once is enough, unless a pack is crafted to evict bases from the cache.
const workFactor = 4

// resolve names the deltas, each right after the object that it is based on, which
// is then still in the cache.
func (x *indexer) resolve() error {
	for _, root := range x.roots {
		todo := x.addNamed(nil, root.hash, root.offset)
		for len(todo) > 0 {
			offset := todo[len(todo)-1]
			o, err := x.pack.read(offset)
			if err != nil {
				return err
			}
			if x.pack.work > workFactor*x.limits.Unpacked {
				return unpackedTooLarge(x.limits.Unpacked)
			}

			todo = x.addNamed(todo[:len(todo)-1], plumbing.ComputeHash(o.kind, o.data), offset)
		}
	}

	if lost := len(x.byOffset) + len(x.byName); lost > 0 {
		return fmt.Errorf("%w: %d deltas are based on objects that it lacks", errDamagedPack, lost)
	}
	return nil
}

// addNamed records the offset of an object, and adds the deltas based on it to
// those that are left to do.
func (x *indexer) addNamed(todo []int64, h plumbing.Hash, offset int64) []int64 {
	x.found[h] = offset
	todo = append(append(todo, x.byOffset[offset]...), x.byName[h]...)
	delete(x.byOffset, offset)
	delete(x.byName, h)
	return todo
}
