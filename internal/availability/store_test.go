package availability

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/durable"
)

var exactly = cmp.Options{cmpopts.IgnoreUnexported(Snapshot{}), cmpopts.EquateEmpty()}

func someSnapshot(site string) *Snapshot {
	return NewSnapshot(site, time.Date(2026, 11, 21, 9, 0, 0, 123456789, time.UTC), &Report{
		Rows:     2,
		Warnings: []Warning{{Kind: "not kept", Count: 1}},
		Hosts: []Host{
			{Node: "a", Reservations: []Interval{{5, 3}, {1, 9}, {-4, -4}, {Forever, -1 << 63}}},
			{Node: "b", Maintenance: true},
			{Node: "f", ByFlavor: true},
			{Node: "k", Kept: true},
			{Node: "ü<&>\n\"", Reservations: []Interval{{1, 2}}},
		},
	})
}

func TestStoreKeepsAll(t *testing.T) {
	t.Parallel()
	s := NewStore(durable.OS{}, filepath.Join(t.TempDir(), "made", "when needed"))
	if got, err := s.Load("uc"); got != nil || err != nil {
		t.Fatalf("load before saving: %v, %v", got, err)
	}

	want := someSnapshot("uc")
	for range 2 {
		if err := s.Save(want); err != nil {
			t.Fatal(err)
		}
	}

	got, err := s.Load("uc")
	if err != nil {
		t.Fatal(err)
	}

	want.Warnings = nil
	if d := cmp.Diff(want, got, exactly); d != "" {
		t.Error(d)
	}
	if h := got.Host("a"); h == nil || h.busy == nil {
		t.Error("what was read is not prepared")
	}
	if names := listNames(t, s.dir); !slices.Equal(names, []string{"uc.lastknown"}) {
		t.Errorf("files: %q", names)
	}

	info, err := os.Stat(s.path("uc"))
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func listNames(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}

	for _, e := range entries {
		names = append(names, e.Name())
	}

	return names
}

func TestStoreRoundTrip(t *testing.T) {
	t.Parallel()
	store := NewStore(durable.OS{}, t.TempDir())
	rapid.Check(t, func(t *rapid.T) {
		report := &Report{Rows: rapid.IntRange(0, 10).Draw(t, "rows")}
		for _, node := range rapid.SliceOfNDistinct(rapid.String(), 0, 5, rapid.ID[string]).Draw(t, "nodes") {
			report.Hosts = append(report.Hosts, Host{
				Node:        strings.ToValidUTF8(node, ""),
				Maintenance: rapid.Bool().Draw(t, "maintenance"),
				Reservations: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Interval {
					return Interval{Time(rapid.Int64().Draw(t, "start")), Time(rapid.Int64().Draw(t, "end"))}
				}), 0, 4).Draw(t, "reservations"),
			})
		}

		want := NewSnapshot(rapid.String().Draw(t, "site"),
			time.UnixMicro(rapid.Int64Range(1, 4e15).Draw(t, "synced")), report)
		if err := store.Save(want); err != nil {
			t.Fatal(err)
		}

		got, err := store.Load(want.Site)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, exactly); d != "" {
			t.Fatal(d)
		}
	})
}

// with puts a good first line in front.
func with(body string) string {
	sum := sha256.Sum256([]byte(body))
	return storeHeader(sum[:]) + body
}

func TestUnusableFilesAreSetAside(t *testing.T) {
	t.Parallel()
	const head = `{"site":"uc","synced":"2026-01-01T00:00:00Z","rows":0,"hosts":%d}` + "\n"
	good := with(fmt.Sprintf(head, 1) + `{"node":"a"}` + "\n")
	if _, err := decodeSnapshot([]byte(good)); err != nil {
		t.Fatal(err)
	}

	for name, c := range map[string]struct{ text, says string }{
		"empty":        {"", "not a file of last-known data"},
		"foreign":      {"{\"hosts\":[]}\n", "not a file of last-known data"},
		"cut":          {good[:len(good)-1], "checksum mismatch"},
		"one byte off": {strings.Replace(good, "2026", "2027", 1), "checksum mismatch"},
		"no sum":       {storeMagic + " 1\n", "first line is malformed"},
		"too new":      {strings.Replace(good, " 1 ", " 2 more things ", 1), `version is "2", not 1`},
		"another site's": {with(strings.Replace(fmt.Sprintf(head, 0), `"uc"`, `"tacc"`, 1)),
			`belongs to site "tacc"`},
		"not JSON":         {with("x\n"), "line 2"},
		"too few hosts":    {with(fmt.Sprintf(head, 2) + `{"node":"a"}` + strings.Repeat(" ", 20)), "line 4: EOF"},
		"too many hosts":   {with(fmt.Sprintf(head, 1) + `{"node":"a"}{"node":"b"}`), "more than the 1 hosts"},
		"hosts impossible": {with(fmt.Sprintf(head, 1<<40)), "line 2: invalid host count"},
		"not sorted": {with(fmt.Sprintf(head, 2) + `{"node":"b"}{"node":"a"}`),
			`line 4: host "a" is duplicated or out of order`},
		"a node twice": {with(fmt.Sprintf(head, 2) + `{"node":"a"}{"node":"a"}`),
			`line 4: host "a" is duplicated or out of order`},
		"half a time": {with(fmt.Sprintf(head, 1) + `{"node":"a","reservations":[1]}`),
			"line 3: reservation without an end"},
		"unknown member": {with(fmt.Sprintf(head, 1) + `{"node":"a","lease":""}`), "line 3: json: unknown field"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := NewStore(durable.OS{}, t.TempDir())
			file := s.path("uc")

			for range 2 { // the second takes the first one's place
				if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
					t.Fatal(err)
				}

				got, err := s.Load("uc")
				if got != nil || err == nil || !strings.Contains(err.Error(), c.says) ||
					!strings.HasSuffix(err.Error(), "the file is now "+file+asideSuffix) {
					t.Fatalf("%v, %v; want an error with %q", got, err, c.says)
				}
				if names := listNames(t, s.dir); !slices.Equal(names, []string{"uc.lastknown.aside"}) {
					t.Fatalf("files: %q", names)
				}
			}

			if got, err := s.Load("uc"); got != nil || err != nil {
				t.Errorf("after setting aside: %v, %v", got, err)
			}
		})
	}
}

func TestADirectoryInTheFilesPlaceIsSetAside(t *testing.T) {
	t.Parallel()
	s := NewStore(durable.OS{}, t.TempDir())
	if err := os.Mkdir(s.path("uc"), 0o700); err != nil {
		t.Fatal(err)
	}

	if _, err := s.Load("uc"); err == nil {
		t.Error("no error")
	}
	if err := s.Save(someSnapshot("uc")); err != nil {
		t.Error(err)
	}
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	s := NewStore(durable.OS{}, "dir")
	seen := map[string]string{}

	for _, site := range []string{"uc", "UC", "", ".", "..", "../x", "a/b", "a\x00b", "ü", "x.lastknown", "%75c",
		"nul", strings.Repeat("x", 1000), strings.Repeat("x", 1001), strings.Repeat("/", 128)} {
		p := s.path(site)
		base := filepath.Base(p)
		if filepath.Dir(p) != "dir" || len(base) > 200 || strings.ToLower(base) != base ||
			strings.HasPrefix(base, "..") {
			t.Errorf("%q: %q", site, p)
		}

		if other, ok := seen[p]; ok {
			t.Errorf("%q and %q share %q", site, other, p)
		}

		seen[p] = site
	}
}

// What cannot be written leaves the old file whole, and nothing half.
func TestUnwritable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}

	if err := NewStore(durable.OS{}, filepath.Join(dir, "file")).Save(someSnapshot("uc")); err == nil ||
		!strings.Contains(err.Error(), `store last-known data of site "uc"`) {
		t.Errorf("error: %v", err)
	}
}

// seeker is a file in memory.
type seeker struct {
	data []byte
	at   int
}

func (s *seeker) Write(p []byte) (int, error) {
	s.data = append(s.data, make([]byte, max(0, s.at+len(p)-len(s.data)))...)
	s.at += copy(s.data[s.at:], p)
	return len(p), nil
}

func (s *seeker) Seek(offset int64, _ int) (int64, error) { s.at = int(offset); return offset, nil }

func FuzzStored(f *testing.F) {
	var w seeker
	if err := writeSnapshot(&w, someSnapshot("uc")); err != nil {
		f.Fatal(err)
	}

	f.Add(w.data)
	_, body, _ := bytes.Cut(w.data, []byte("\n"))
	f.Add(body)
	f.Add([]byte(`{"site":"uc","synced":"2026-01-01T00:00:00+23:59","rows":0,"hosts":1}{"node":"a","reservations":[9e2,null]}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		if _, err := decodeSnapshot(src); err != nil {
			var unusable *corruptError
			if !errors.As(err, &unusable) {
				t.Fatalf("an error of another kind: %v", err)
			}
		}

		got, err := decodeSnapshot([]byte(with(string(src))))
		if err != nil {
			return
		}

		var again seeker
		if err := writeSnapshot(&again, got); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}

		second, err := decodeSnapshot(again.data)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, again.data)
		}
		if d := cmp.Diff(got, second, exactly); d != "" {
			t.Fatal(d)
		}
	})
}
