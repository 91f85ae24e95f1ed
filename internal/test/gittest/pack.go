package gittest

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Kinds of objects in a pack (gitformat-pack(5)).
const (
	Commit = 1
	Tree   = 2
	Blob   = 3

	ofsDelta = 6
	refDelta = 7
)

// Hash names an object.
type Hash [sha1.Size]byte

// String returns the hexadecimal digits.
func (h Hash) String() string { return fmt.Sprintf("%x", h[:]) }

// Pack is a pack made by hand, for what no git program would write.
type Pack struct {
	body  bytes.Buffer
	count uint32

	writer *zlib.Writer

	// Claim is how many more objects the header claims than there are.
	Claim uint32
}

const packHeader = 12 // bytes

// Add adds an object and returns its name.
func (p *Pack) Add(kind int, data []byte) Hash {
	p.entry(kind, uint64(len(data)), nil, p.deflate(data))
	return Name(kind, data)
}

// AddCopies adds an object many times.
func (p *Pack) AddCopies(kind int, data []byte, times int) {
	deflated := p.deflate(data)
	for range times {
		p.entry(kind, uint64(len(data)), nil, deflated)
	}
}

// AddClaim adds an object whose header claims another size.
func (p *Pack) AddClaim(kind int, size uint64, data []byte) {
	p.entry(kind, size, nil, p.deflate(data))
}

// Offset is where the next object will be.
func (p *Pack) Offset() int { return packHeader + p.body.Len() }

// AddDelta adds what makes one object of the one at an offset.
func (p *Pack) AddDelta(base int, delta []byte) {
	back := p.Offset() - base
	distance := []byte{byte(back & 0x7f)}
	for back >>= 7; back > 0; back >>= 7 {
		back--
		distance = append([]byte{0x80 | byte(back&0x7f)}, distance...)
	}
	p.entry(ofsDelta, uint64(len(delta)), distance, p.deflate(delta))
}

// AddDeltaOf adds what makes one object of a named one.
func (p *Pack) AddDeltaOf(base Hash, delta []byte) {
	p.entry(refDelta, uint64(len(delta)), base[:], p.deflate(delta))
}

func (p *Pack) entry(kind int, size uint64, base, deflated []byte) {
	p.count++
	first := byte(kind<<4) | byte(size&0xf)
	for size >>= 4; size > 0; size >>= 7 {
		p.body.WriteByte(first | 0x80)
		first = byte(size & 0x7f)
	}

	p.body.WriteByte(first)
	p.body.Write(base)
	p.body.Write(deflated)
}

// Bytes is the pack with its checksum.
func (p *Pack) Bytes() []byte {
	data := binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), p.count+p.Claim)
	data = append(data, p.body.Bytes()...)
	sum := sha1.Sum(data)
	return append(data, sum[:]...)
}

// Bundle writes a bundle of the pack, whose main branch is a commit.
func (p *Pack) Bundle(t testing.TB, head Hash) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.bundle")
	header := fmt.Sprintf("# v2 git bundle\n%s refs/heads/main\n%s HEAD\n\n", head, head)
	if err := os.WriteFile(path, append([]byte(header), p.Bytes()...), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Entry is one of a tree.
type Entry struct {
	Mode string // as in the tree: "100644", "40000"
	Name string
	Hash Hash
}

// AddTree adds a tree of entries, in the order given.
func (p *Pack) AddTree(entries ...Entry) Hash {
	var data bytes.Buffer
	for _, e := range entries {
		fmt.Fprintf(&data, "%s %s\x00%s", e.Mode, e.Name, e.Hash[:])
	}
	return p.Add(Tree, data.Bytes())
}

// AddCommit adds a commit.
func (p *Pack) AddCommit(tree Hash, message string, parents ...Hash) Hash {
	var data strings.Builder
	fmt.Fprintf(&data, "tree %s\n", tree)
	for _, parent := range parents {
		fmt.Fprintf(&data, "parent %s\n", parent)
	}
	who := fmt.Sprintf("Ada Lovelace <ada@example.org> %d +0000", Start.Unix())
	fmt.Fprintf(&data, "author %s\ncommitter %s\n\n%s\n", who, who, message)
	return p.Add(Commit, []byte(data.String()))
}

// CopyDelta is a delta that repeats a base, of at most 64 KiB, so many times.
func CopyDelta(size, times int) []byte {
	delta := binary.AppendUvarint(nil, uint64(size))
	delta = binary.AppendUvarint(delta, uint64(size)*uint64(times))
	copied := []byte{0x80 | 0x10 | 0x20, byte(size), byte(size >> 8)} // from 0; no size is 64 KiB
	return append(delta, bytes.Repeat(copied, times)...)
}

// Name is what git calls an object.
func Name(kind int, data []byte) Hash {
	h := sha1.New()
	fmt.Fprintf(h, "%s %d\x00", []string{Commit: "commit", Tree: "tree", Blob: "blob"}[kind], len(data))
	h.Write(data)
	return Hash(h.Sum(nil))
}

// deflate uses one writer again and again: a new one is a megabyte.
func (p *Pack) deflate(data []byte) []byte {
	var out bytes.Buffer
	if p.writer == nil {
		p.writer = zlib.NewWriter(&out)
	} else {
		p.writer.Reset(&out)
	}

	p.writer.Write(data) // a buffer takes all
	p.writer.Close()
	return out.Bytes()
}
