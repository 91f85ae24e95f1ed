package past_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/past"
)

// small is a repository of three commits, in two segments, with deltas of both kinds.
func small() (*memory, history.Hash) {
	m := newMemory()
	body := strings.Repeat(`{"rate": 10000000000}, `, 20)
	var head []history.Hash
	for n := range 3 {
		head = []history.Hash{m.add(map[string]file{
			"d/a.json": {regular, fmt.Sprint(n, body)},
			"d/b.json": {regular, fmt.Sprint(body, n/2)},
			"d/l.json": {link, "a.json"},
		}, head...)}
	}
	return m, head[0]
}

// sign corrects the checksums of a segment, so that what is between is read.
func sign(pack, index []byte) (signedPack, signedIndex []byte) {
	if len(pack) < sha1.Size || len(index) < sha1.Size+sha256.Size {
		return pack, index
	}

	pack, index = slices.Clone(pack), slices.Clone(index)
	body := index[:len(index)-sha256.Size]
	copy(body[len(body)-sha1.Size:], pack[len(pack)-sha1.Size:])
	sum := sha256.Sum256(body)
	copy(index[len(body):], sum[:])
	return pack, index
}

// readAll reads every file of every commit that an index may have, and returns how many
// can be read.
func readAll(p *past.Past, m *memory) (read int, errs []error) {
	for _, c := range m.commits {
		fsys, err := p.FS(c.ID, nil)
		if err != nil {
			errs = append(errs, err)
			continue
		}

		if _, err := fsys.ReadDir("d"); err != nil {
			errs = append(errs, err)
		}
		for _, name := range []string{"d/a.json", "d/b.json", "d/l.json"} {
			_, err := fsys.ReadFile(name)
			if err != nil {
				errs = append(errs, err)
			} else {
				read++
			}
		}
	}

	return read, errs
}

// Nothing that an index or a pack says makes a reader fail but by an error.
func FuzzOpen(f *testing.F) {
	m, head := small()
	h, files, err := history.Walk(f.Context(), m, head, nil, "d", history.Limits{})
	if err != nil {
		f.Fatal(err)
	}

	segments := h.Segments()
	in := past.Input{History: h, Files: files, Source: m, Dir: "d"}
	var packs, indexes [][]byte
	for n := range segments {
		pack, index, err := in.Pack(segments, n)
		if err != nil {
			f.Fatal(err)
		}
		packs, indexes = append(packs, pack), append(indexes, index)
	}

	f.Add(uint8(0), uint16(12), []byte{0x62, 0}, uint8(3), uint16(40), []byte{1})
	f.Fuzz(func(t *testing.T, which1 uint8, at1 uint16, over1 []byte, which2 uint8, at2 uint16, over2 []byte) {
		// Most of what is drawn as a whole is refused at once: some bytes are written over.
		packs, indexes := clone(packs), clone(indexes)
		files := []*[]byte{&packs[0], &packs[1], &indexes[0], &indexes[1]}
		overwrite(*files[which1%4], at1, over1)
		overwrite(*files[which2%4], at2, over2)

		var segments []past.Segment
		for n := range packs {
			pack, index := sign(packs[n], indexes[n])
			segments = append(segments, past.Segment{Index: index, Pack: bytes.NewReader(pack), Size: int64(len(pack))})
		}
		if p, err := past.Open(segments); err == nil {
			readAll(p, m)
		}
	})
}

func overwrite(data []byte, at uint16, with []byte) { copy(data[int(at)%len(data):], with) }

// What a damaged or malicious file gives is an error that says so.
func TestDamaged(t *testing.T) {
	t.Parallel()
	m, head := small()
	_, packs, indexes := pack(t, m, head, "d")

	for _, tt := range []struct {
		name    string
		damage  func(packs, indexes [][]byte)
		open    string // the error of Open
		read    string // an error of reading
		unsound bool   // checksums are not corrected
	}{
		{name: "an empty index", damage: func(_, indexes [][]byte) { indexes[0] = nil }, open: "the index is damaged"},
		{
			name:    "a byte of an index",
			damage:  func(_, indexes [][]byte) { indexes[1][60]++ },
			open:    "open segment 2 of the past: the index is damaged: its checksum is another one",
			unsound: true,
		},
		{
			name:    "packs exchanged",
			damage:  func(packs, _ [][]byte) { packs[0], packs[1] = packs[1], packs[0] },
			open:    "the pack is damaged: it is not that of the index",
			unsound: true,
		},
		{
			name:   "no segment before",
			damage: func(packs, indexes [][]byte) { packs[0], indexes[0] = packs[1], indexes[1] },
			open:   "which is in no segment before",
		},
		{name: "many commits", damage: count(0, 1<<32-1), open: "the index is damaged"},
		{name: "no commits", damage: count(0, 0), open: "the index is damaged"},
		{name: "many objects", damage: count(2, 1<<20), open: "the index is damaged"},
		{name: "more paths", damage: count(4, 99), open: "the index is damaged"},
		{name: "less paths", damage: count(4, 1), open: "the index is damaged"},
		{
			name:   "a text changed",
			damage: func(packs, _ [][]byte) { packs[0][20] ^= 1 },
			read:   "the pack is damaged",
		},
		{
			name:   "a size",
			damage: func(packs, _ [][]byte) { copy(packs[0][12:], []byte{0xb0, 0xff, 0xff, 0xff, 0x7f}) },
			read:   "the pack is damaged: an object is too large",
		},
		{
			name:   "an unknown type",
			damage: func(packs, _ [][]byte) { packs[0][12] = 0x50 },
			read:   "the pack is damaged: an object has the type 5",
		},
		{
			name:   "a base that is itself",
			damage: func(packs, _ [][]byte) { copy(packs[0][12:], []byte{0x62, 0}) },
			read:   "the pack is damaged: the base of a delta is outside",
		},
		{
			name:   "a base in no segment before",
			damage: func(packs, _ [][]byte) { packs[0][12] = 0x72 },
			read:   "the pack is damaged: a delta is of an object that is in no segment before",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			packs, indexes := clone(packs), clone(indexes)
			tt.damage(packs, indexes)
			var segments []past.Segment
			for n := range packs {
				pack, index := packs[n], indexes[n]
				if !tt.unsound {
					pack, index = sign(pack, index)
				}
				segments = append(segments, past.Segment{Index: index, Pack: bytes.NewReader(pack), Size: int64(len(pack))})
			}

			p, err := past.Open(segments)
			if tt.open != "" {
				if err == nil || !strings.Contains(err.Error(), tt.open) {
					t.Errorf("Open: %v; want %q", err, tt.open)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}

			_, errs := readAll(p, m)
			if !slices.ContainsFunc(errs, func(err error) bool { return strings.Contains(err.Error(), tt.read) }) {
				t.Errorf("the errors are %v; want %q", errs, tt.read)
			}
		})
	}

	if read, errs := readAll(open(t, packs, indexes), m); read != 9 || errs != nil {
		t.Errorf("undamaged, %d files are read, %v", read, errs)
	}
}

// count sets a count in the header of the first index.
func count(n int, to uint32) func(packs, indexes [][]byte) {
	return func(_, indexes [][]byte) { binary.BigEndian.PutUint32(indexes[0][8+4*n:], to) }
}

func clone(files [][]byte) [][]byte {
	var all [][]byte
	for _, f := range files {
		all = append(all, slices.Clone(f))
	}
	return all
}

// Long and heavy chains of deltas end: all versions can be read.
func TestManyVersions(t *testing.T) {
	t.Parallel()
	m := newMemory()
	var head []history.Hash
	large, little := strings.Repeat(" ", 1<<19), strings.Repeat(" ", 1<<9)
	for n := range 120 {
		files := map[string]file{"d/little.json": {regular, fmt.Sprint(little, n)}}
		if n < 20 {
			files["d/large.json"] = file{regular, fmt.Sprint(large, n)}
		}
		head = []history.Hash{m.add(files, head...)}
	}

	_, packs, indexes := pack(t, m, head[0], "d")
	p := open(t, packs, indexes)
	for _, c := range m.commits {
		checkCommit(t, m, c, p)
	}
}

// A pack that cannot be read is an error of its reader's.
func TestUnreadablePack(t *testing.T) {
	t.Parallel()
	m, head := small()
	_, packs, indexes := pack(t, m, head, "d")
	var segments []past.Segment
	for n, pack := range packs {
		segments = append(segments, past.Segment{Index: indexes[n], Pack: onlyEnd(pack), Size: int64(len(pack))})
	}

	p, err := past.Open(segments)
	if err != nil {
		t.Fatal(err)
	}
	if _, errs := readAll(p, m); len(errs) == 0 || !errors.Is(errs[0], errOffline) {
		t.Errorf("the errors are %v", errs)
	}
}

// onlyEnd is a pack of which only the end can be read.
type onlyEnd []byte

var errOffline = errors.New("the disk is offline")

func (p onlyEnd) ReadAt(to []byte, at int64) (int, error) {
	if at < int64(len(p)-sha1.Size) {
		return 0, errOffline
	}
	return copy(to, p[at:]), nil
}
