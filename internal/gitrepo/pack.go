package gitrepo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
)

// rawObject is an object as git hashes it, without its header. The data may be
// shared, and must not be changed.
type rawObject struct {
	kind plumbing.ObjectType
	data []byte
}

// pack reads objects of one pack (gitformat-pack(5)). It does so step by step
// with go-git's scanner, and not with its Packfile, which unpacks any size that a
// header claims before it can be checked.
type pack struct {
	path    string            // without the suffix; "" for one in memory
	file    *os.File          // nil while it is not in use
	scanner *packfile.Scanner // nil while it is not in use
	index   packIndex
	limit   int64 // bytes of one object
	cache   *objectCache
	work    int64 // bytes unpacked so far
}

// maxDeltaChain is the longest chain of deltas that git itself writes.
const maxDeltaChain = 4095

var errDamagedPack = errors.New("the pack is damaged")

// delta is one step of a chain.
type delta struct {
	offset int64
	data   []byte
}

// read unpacks the object at an offset.
func (p *pack) read(offset int64) (rawObject, error) {
	var chain []delta
	held := int64(0)
	o, ok := p.cache.get(p, offset)
	for !ok {
		h, data, err := p.inflate(offset)
		if err != nil {
			return rawObject{}, err
		}
		if !h.Type.IsDelta() {
			o = rawObject{h.Type, data}
			p.cache.put(p, offset, o)
			break
		}

		chain = append(chain, delta{offset, data})
		if held += int64(len(data)); len(chain) > maxDeltaChain || held > 2*p.limit {
			return rawObject{}, fmt.Errorf("%w: a chain of deltas is too long", errDamagedPack)
		}
		if offset, err = p.baseOffset(h); err != nil {
			return rawObject{}, err
		}

		o, ok = p.cache.get(p, offset)
	}

	for _, d := range slices.Backward(chain) {
		var err error
		if o.data, err = p.patch(o.data, d.data); err != nil {
			return rawObject{}, err
		}
		p.cache.put(p, d.offset, o)
	}

	return o, nil
}

// inflate reads what is stored at an offset: an object, or a delta.
func (p *pack) inflate(offset int64) (*packfile.ObjectHeader, []byte, error) {
	h, err := p.scanner.SeekObjectHeader(offset)
	if err != nil {
		return nil, nil, wrapDamaged(err)
	}
	if err := checkType(h.Type); err != nil {
		return nil, nil, err
	}
	if h.Length > p.limit {
		return nil, nil, objectTooLarge(uint64(h.Length), p.limit)
	}

	var data bytes.Buffer
	data.Grow(int(min(h.Length, 64<<10)) + bytes.MinRead) // the length is not to be trusted yet

	if n, _, err := p.scanner.NextObject(&data); err != nil || n != h.Length {
		return nil, nil, wrapDamaged(err)
	}

	p.work += h.Length
	return h, data.Bytes(), nil
}

// checkType refuses a type that no object in a pack has.
func checkType(t plumbing.ObjectType) error {
	if t == plumbing.OFSDeltaObject || t == plumbing.REFDeltaObject || t > plumbing.InvalidObject && t <= plumbing.TagObject {
		return nil
	}
	return fmt.Errorf("%w: an object has the unknown type %d", errDamagedPack, t)
}

// baseOffset is the offset of the object that a delta changes.
func (p *pack) baseOffset(h *packfile.ObjectHeader) (int64, error) {
	if h.Type == plumbing.OFSDeltaObject {
		return h.OffsetReference, nil
	}
	offset, ok := p.index[h.Reference]
	if !ok {
		return 0, fmt.Errorf("%w: a delta is of object %s, which is not in it", errDamagedPack, h.Reference)
	}
	return offset, nil
}

// patch applies a delta within the limit.
func (p *pack) patch(base, delta []byte) ([]byte, error) {
	size, err := targetSize(delta)
	if err != nil {
		return nil, err
	}
	if size > uint64(p.limit) {
		return nil, objectTooLarge(size, p.limit)
	}

	data, err := packfile.PatchDelta(base, delta)
	if err != nil {
		return nil, wrapDamaged(err)
	}

	p.work += int64(len(data))
	return data, nil
}

// targetSize reads the size of a delta's result from its beginning.
func targetSize(delta []byte) (uint64, error) {
	_, n := binary.Uvarint(delta) // the base's size
	if n > 0 {
		size, m := binary.Uvarint(delta[n:])
		if m > 0 {
			return size, nil
		}
	}
	return 0, fmt.Errorf("%w: a delta does not have its size", errDamagedPack)
}

// wrapDamaged reports that a pack cannot be read; err may be nil.
func wrapDamaged(err error) error {
	if err == nil {
		return fmt.Errorf("%w: an object does not have the length that its header claims", errDamagedPack)
	}
	return fmt.Errorf("%w: %w", errDamagedPack, err)
}

// objectCache caches objects, for deltas that are based on them: those that were used
// last, in two generations. When the younger one is full, the older one is forgotten.
type objectCache struct {
	objects, older map[cacheKey]rawObject
	size           int64 // of the younger ones
}

type cacheKey struct {
	pack   *pack
	offset int64
}

// maxCached bounds the bytes of a generation of cached objects. Chains are read one after
// another: more is hardly ever looked at again.
const maxCached = 6 << 20

func (c *objectCache) get(p *pack, offset int64) (rawObject, bool) {
	key := cacheKey{p, offset}
	if o, ok := c.objects[key]; ok {
		return o, true
	}

	o, ok := c.older[key]
	if ok {
		delete(c.older, key)
		c.put(p, offset, o)
	}

	return o, ok
}

func (c *objectCache) put(p *pack, offset int64, o rawObject) {
	if c.size += int64(len(o.data)); c.size > maxCached || c.objects == nil {
		c.older = c.objects
		c.objects, c.size = map[cacheKey]rawObject{}, int64(len(o.data))
	}
	c.objects[cacheKey{p, offset}] = o
}
