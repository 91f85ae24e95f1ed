package gitrepo

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing/format/packfile"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// bundleCache is the directory with the packs of bundles that were read, each with an
// index: finding a pack's objects costs more than all that is read of them. An entry
// is a directory named by the SHA-256 of the bundle, so it never changes, and several
// processes may add the same at once. Entries are renamed into their places, and one
// that does not match its record is made again.
type bundleCache struct{ dir string }

const (
	cachedPack   = "bundle.pack"
	cachedIndex  = "bundle.idx"
	cachedRecord = "record"
	unfinished   = "new-" // begins the name of a directory that is not an entry yet
)

// Bounds of the directory: above them, what was not used for longest is deleted.
const (
	maxBundles      = 16
	maxBundlesBytes = 2 << 30
)

// errNoCache is returned where a bundle cannot be read with the cache, but perhaps
// without.
var errNoCache = errors.New("the cache cannot be used")

// readCached reads a bundle's pack from the cache, to which it adds it before if it
// is not there.
func readCached(f *os.File, o Options) (*Repo, error) {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || o.CacheDir == "" || info.Size() > math.MaxUint32 {
		return nil, errNoCache
	}

	sum := sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(f, sum), 1<<16)
	head, err := readCompleteHeader(in)
	if err != nil {
		return nil, err
	}
	if info.Size()-head.size > o.limits().Unpacked {
		return nil, unpackError(unpackedTooLarge(o.limits().Unpacked))
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		return nil, err
	}

	c := bundleCache{filepath.Join(o.CacheDir, "bundles")}
	id := hex.EncodeToString(sum.Sum(nil))
	p, err := c.load(id, o.limits())
	if errors.Is(err, errNoCache) {
		p, err = c.add(id, f, head.size, o.limits())
	}

	switch {
	case errors.Is(err, errNoCache):
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		return nil, err
	case err != nil:
		return nil, unpackError(err)
	}

	return head.open(p, o), nil
}

// load opens the pack of an entry, if all of the entry is as it was written. The file
// stays open: another process may delete the entry.
func (c bundleCache) load(id string, limits Limits) (*pack, error) {
	dir := filepath.Join(c.dir, id)
	record, err := os.ReadFile(filepath.Join(dir, cachedRecord))
	if err != nil {
		return nil, errNoCache
	}

	f, err := os.Open(filepath.Join(dir, cachedPack))
	if err != nil {
		return nil, errNoCache
	}

	p, err := loadPack(f, filepath.Join(dir, cachedIndex), record, limits)
	if err != nil {
		_ = f.Close() // it was read
		return nil, err
	}

	now := time.Now()
	_ = os.Chtimes(dir, now, now) // when it was used; a directory that is read-only is not pruned either
	return p, nil
}

// loadPack checks a pack and its index against their record, and the record's sizes
// against the limits, which may be lower than when the entry was made.
func loadPack(f *os.File, indexPath string, record []byte, limits Limits) (*pack, error) {
	data, err := os.ReadFile(indexPath)
	if err != nil {
		return nil, errNoCache
	}

	var x indexer
	if _, err := fmt.Sscanf(string(record), recordSizes, &x.unpacked, &x.largest); err != nil {
		return nil, errNoCache
	}
	if now, err := x.record(f, data); err != nil || !bytes.Equal(now, record) {
		return nil, errNoCache
	}

	info, err := f.Stat()
	if err != nil {
		return nil, errNoCache
	}
	if x.largest > uint64(limits.Object) {
		return nil, objectTooLarge(x.largest, limits.Object)
	}
	if most := limits.bundleLimit(info.Size()); x.unpacked > uint64(most) {
		return nil, unpackedTooLarge(most)
	}

	index, err := parseIndex(data)
	if err != nil {
		return nil, errNoCache
	}

	return &pack{file: f, scanner: packfile.NewScanner(f), index: index, limit: limits.Object, cache: &objectCache{}}, nil
}

// recordSizes is the first line of a record.
const recordSizes = "%d bytes unpacked, %d the largest object\n"

// record describes an entry: sizes, the SHA-256 of both files, and that of all this.
func (x *indexer) record(pack io.ReaderAt, index []byte) ([]byte, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(pack, 0, math.MaxInt64)); err != nil {
		return nil, err
	}

	text := fmt.Appendf(nil, recordSizes, x.unpacked, x.largest)
	text = fmt.Appendf(text, "%x  %s\n%x  %s\n", sum.Sum(nil), cachedPack, sha256.Sum256(index), cachedIndex)
	return fmt.Appendf(text, "%x\n", sha256.Sum256(text)), nil
}

// add makes an entry of a bundle, whose pack starts at an offset, and loads it.
func (c bundleCache) add(id string, bundle *os.File, start int64, limits Limits) (*pack, error) {
	if err := os.MkdirAll(c.dir, 0o700); err != nil { // the repository may be private
		return nil, errNoCache
	}

	dir, err := os.MkdirTemp(c.dir, unfinished)
	if err != nil {
		return nil, errNoCache
	}
	defer os.RemoveAll(dir)

	if err := writeEntry(dir, id, bundle, start, limits); err != nil {
		return nil, err
	}

	entry := filepath.Join(c.dir, id)
	if os.Rename(dir, entry) != nil {
		// Another process has just made it, or it is damaged.
		if p, err := c.load(id, limits); err == nil {
			return p, nil
		}
		if os.RemoveAll(entry) != nil || os.Rename(dir, entry) != nil {
			return nil, errNoCache
		}
	}

	c.prune(id)
	return c.load(id, limits)
}

// writeEntry writes the files of an entry.
func writeEntry(dir, id string, bundle *os.File, start int64, limits Limits) error {
	f, err := os.OpenFile(filepath.Join(dir, cachedPack), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return errNoCache
	}
	defer f.Close()

	if err := copyPack(f, bundle, start, id); err != nil {
		return err
	}

	x, err := indexPack(f, limits)
	if err != nil {
		return err
	}

	packSum := make([]byte, sha1.Size)
	if _, err := f.Seek(-sha1.Size, io.SeekEnd); err != nil {
		return errNoCache
	}
	if _, err := io.ReadFull(f, packSum); err != nil {
		return errNoCache
	}

	index := x.found.encode(packSum)
	record, err := x.record(f, index)
	if err != nil || os.WriteFile(filepath.Join(dir, cachedIndex), index, 0o600) != nil ||
		os.WriteFile(filepath.Join(dir, cachedRecord), record, 0o600) != nil || f.Close() != nil {
		return errNoCache
	}

	return nil
}

// copyPack copies a bundle's pack, and checks that the bundle is still the one of the
// checksum: somebody may be writing it.
func copyPack(to, bundle *os.File, start int64, id string) error {
	if _, err := bundle.Seek(0, io.SeekStart); err != nil {
		return err
	}

	sum := sha256.New()
	in := io.TeeReader(bundle, sum)
	if _, err := io.CopyN(io.Discard, in, start); err != nil {
		return err
	}

	if _, err := io.Copy(to, in); err != nil {
		return errNoCache
	}
	if hex.EncodeToString(sum.Sum(nil)) != id {
		return hint.Wrap(errors.New("the file changes while it is read"), "try again when it is complete")
	}

	return nil
}

// prune deletes what was not used for longest, down to the bounds, and what processes
// have left that were killed. It never deletes the entry that was just added.
func (c bundleCache) prune(added string) {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return // it is a cache
	}

	type used struct {
		path string
		at   time.Time
		size int64
	}
	var all []used
	for _, e := range entries {
		info, err := e.Info()
		path := filepath.Join(c.dir, e.Name())
		const abandoned = 24 * time.Hour
		switch {
		case err != nil || e.Name() == added:
		case strings.HasPrefix(e.Name(), unfinished):
			if time.Since(info.ModTime()) > abandoned {
				_ = os.RemoveAll(path)
			}
		default:
			all = append(all, used{path, info.ModTime(), sizeOf(path)})
		}
	}

	slices.SortFunc(all, func(a, b used) int { return b.at.Compare(a.at) })
	total := sizeOf(filepath.Join(c.dir, added))
	for n, e := range all {
		if total += e.size; n+1 >= maxBundles || total > maxBundlesBytes {
			_ = os.RemoveAll(e.path)
		}
	}
}

// sizeOf adds up the files of a directory.
func sizeOf(dir string) (size int64) {
	entries, _ := os.ReadDir(dir) // none, if it is gone
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			size += info.Size()
		}
	}
	return size
}
