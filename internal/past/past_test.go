package past_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/past"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// open opens packs and indexes.
func open(t fataler, packs, indexes [][]byte) *past.Past {
	var segments []past.Segment
	for n := range packs {
		segments = append(segments,
			past.Segment{Index: indexes[n], Pack: bytes.NewReader(packs[n]), Size: int64(len(packs[n]))})
	}

	p, err := past.Open(segments)
	if err != nil {
		t.Fatal(err)
	}

	return p
}

// Of any history each file can be read as of each commit; and the files of a segment
// are the same from whichever commit they are made.
func TestAnyHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		m := drawMemory(rt)
		known := map[string][]byte{}
		for _, head := range m.commits {
			names, packs, indexes := pack(rt, m, head.ID, "d")
			for n, name := range names {
				files := slices.Concat(packs[n], indexes[n])
				if before, ok := known[name]; ok && !bytes.Equal(before, files) {
					rt.Errorf("seen from %s, segment %s has other files", head.ID, name)
				}
				known[name] = files
			}

			if head == m.commits[len(m.commits)-1] {
				checkMemory(rt, m, head, open(rt, packs, indexes))
			}
		}
	})
}

// checkMemory compares the past of a commit with the repository.
func checkMemory(t fataler, m *memory, head *history.Commit, p *past.Past) {
	if p.Dir() != "d" || p.Head() != head.ID {
		t.Errorf("the past is of %s, below %s", p.Head(), p.Dir())
	}

	reached := map[history.Hash]bool{head.ID: true}
	for _, c := range slices.Backward(m.commits) {
		_, _, err := p.Lookup("d/d.json", c.ID)
		if !reached[c.ID] {
			if err == nil {
				t.Errorf("commit %s is in the past of %s", c.ID, head.ID)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}

		for _, parent := range c.Parents {
			reached[parent] = true
		}

		if at, err := p.Time(c.ID); err != nil || !at.Equal(c.Committer.When) {
			t.Errorf("the time of %s is %v, %v", c.ID, at, err)
		}
		checkCommit(t, m, c, p)
	}
}

// checkCommit compares the files of a commit.
func checkCommit(t fataler, m *memory, c *history.Commit, p *past.Past) {
	want := maps.Clone(m.files[c.ID])
	maps.DeleteFunc(want, func(name string, f file) bool {
		return !strings.HasPrefix(name, "d/") || path.Ext(name) != ".json" || f.mode == submodule
	})

	fsys, err := p.FS(c.ID, nil)
	if err != nil {
		t.Fatal(err)
	}

	got := map[string]file{}
	if err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fsys.ReadFile(name)
		got[name] = file{regular, string(text)}
		if d.Type() == fs.ModeSymlink {
			got[name] = file{link, string(text)}
		}
		if i, err := fsys.Lstat(name); err != nil || i.Size() != int64(len(text)) || i.Mode().Type() != d.Type() {
			t.Errorf("%s of %s is %v, %v", name, c.ID, i, err)
		}
		return err
	}); err != nil && len(want) > 0 {
		t.Fatal(err)
	}

	if !maps.Equal(got, want) {
		t.Errorf("the files of %s are %v, want %v", c.ID, got, want)
	}

	for name := range m.files[c.ID] {
		f, there := want[name]
		text, ok, err := p.At(name, c.ID)
		if err != nil || ok != (there && f.mode == regular) || ok && string(text) != f.text {
			t.Errorf("%s of %s is %q, %v, %v; want %q", name, c.ID, text, ok, err, f.text)
		}
	}
}

// A file that is too large to be that of a resource is not stored, in whichever segment
// it is named.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	m := newMemory()
	large := file{regular, strings.Repeat(" ", 4<<20+1)}
	var head history.Hash
	for n, f := range []file{{regular, "{}"}, large, {regular, `{"uid": 1}`}, large, {regular, `{"uid": 2}`}, large} {
		if n == 0 {
			head = m.add(map[string]file{"d/d.json": f})
		} else {
			head = m.add(map[string]file{"d/d.json": f}, head)
		}
	}

	_, packs, indexes := pack(t, m, head, "d")
	p := open(t, packs, indexes)
	for _, c := range m.commits {
		want := m.files[c.ID]["d/d.json"]
		text, ok, err := p.At("d/d.json", c.ID)
		if err != nil || ok != (want != large) || ok && string(text) != want.text {
			t.Errorf("at %s: %q, %v, %v", c.ID, text, ok, err)
		}

		fsys, err := p.FS(c.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		if i, err := fsys.Lstat("d/d.json"); err != nil || i.Size() != int64(len(want.text)) {
			t.Errorf("at %s: %v, %v", c.ID, i, err)
		}
	}

	if total := len(slices.Concat(packs...)); total > 1000 {
		t.Errorf("the packs have %d bytes", total)
	}
}

// Git may read another object in place of one (git-replace(1)). What it reads is stored,
// under its own id.
func TestReplaced(t *testing.T) {
	t.Parallel()
	m := newMemory()
	body := strings.Repeat(`{"rate": 10000000000}, `, 20)
	var head []history.Hash
	for n := range 7 {
		head = []history.Hash{m.add(map[string]file{"d/a.json": {regular, fmt.Sprint(n, body)}}, head...)}
	}

	want := map[history.Hash]string{}
	for n, c := range m.commits {
		f := m.files[c.ID]["d/a.json"]
		want[c.ID] = f.text
		if n == 3 || n == 4 {
			want[c.ID] = fmt.Sprint("in its place", n, body)
			m.blobs[blobID(f.text)] = want[c.ID]
		}
	}

	h, files, err := history.Walk(t.Context(), m, head[0], nil, "d", history.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	in := past.Input{History: h, Files: files, Source: m, Rewritten: true, Dir: "d"}
	var packs, indexes [][]byte
	for n := range h.Segments() {
		pack, index, err := in.Pack(h.Segments(), n)
		if err != nil {
			t.Fatal(err)
		}
		packs, indexes = append(packs, pack), append(indexes, index)
	}

	p := open(t, packs, indexes)
	for id, text := range want {
		if got, ok, err := p.At("d/a.json", id); err != nil || !ok || string(got) != text {
			t.Errorf("at %s: %q, %v, %v; want %q", id, got, ok, err, text)
		}
	}

	work := gittest.Init(t)
	for _, pack := range packs {
		work.Feed(string(pack), "index-pack", "--stdin", "--fix-thin", "--strict")
	}
}

// hiding takes the digits out of all files.
type hiding struct{ *memory }

func (h hiding) text(text string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, text)
}

func (h hiding) Blob(id history.Hash, limit int64) ([]byte, bool, error) {
	text, ok, err := h.memory.Blob(id, limit)
	return []byte(h.text(string(text))), ok, err
}

// Of texts that were rewritten nothing is left, not even the id that the repository has
// for the original: a guess could be compared with it. And of those that have become the
// same, one is stored.
func TestRewritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		m := drawMemory(rt)
		head := m.commits[len(m.commits)-1]
		h, files, err := history.Walk(t.Context(), m, head.ID, nil, "d", history.Limits{})
		if err != nil {
			rt.Fatal(err)
		}

		in := past.Input{History: h, Files: files, Source: hiding{m}, Rewritten: true, Dir: "d"}
		var packs, indexes [][]byte
		for n := range h.Segments() {
			pack, index, err := in.Pack(h.Segments(), n)
			if err != nil {
				rt.Fatal(err)
			}
			packs, indexes = append(packs, pack), append(indexes, index)
		}

		for id, text := range m.blobs {
			if (hiding{}).text(text) != text && bytes.Contains(slices.Concat(slices.Concat(indexes...),
				slices.Concat(packs...)), id[:]) {
				rt.Errorf("the id of %q is in a pack or an index", text)
			}
		}

		// What is read is what was rewritten.
		for id, of := range m.files {
			for name, f := range of {
				if f.mode == regular {
					f.text = (hiding{}).text(f.text)
				}
				m.files[id][name] = f
			}
		}
		checkMemory(rt, m, head, open(rt, packs, indexes))
	})
}
