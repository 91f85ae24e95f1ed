package gitrepo_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// opened opens a bundle within limits, and the files of its HEAD.
func opened(t *testing.T, bundle, cache string, limits gitrepo.Limits) error {
	t.Helper()
	repo, err := gitrepo.Open(t.Context(), bundle, gitrepo.Options{Limits: &limits, CacheDir: cache})
	if err != nil {
		return err
	}

	t.Cleanup(func() { closeRepo(t, repo) })
	id, err := repo.Resolve("")
	if err != nil {
		return err
	}
	if _, err = repo.FS(id); err != nil {
		return err
	}

	_, _, err = history.Walk(t.Context(), repo, id, []string{"a"}, ".", history.Limits{})
	return err
}

// TestHostileBundles has bundles that are small, and cost a reader without
// limits all that there is.
func TestHostileBundles(t *testing.T) {
	t.Parallel()
	limits := gitrepo.Limits{Depth: 20, Entries: 1000, Object: 1 << 20, Unpacked: 64 << 20}
	for _, tt := range []struct {
		name         string
		make         func(p *gittest.Pack) gittest.Hash // returns HEAD
		want, advice string
	}{
		{
			name: "large blob",
			make: func(p *gittest.Pack) gittest.Hash {
				blob := p.Add(gittest.Blob, make([]byte, 2<<20))
				return p.AddCommit(p.AddTree(gittest.Entry{Mode: "100644", Name: "a", Hash: blob}), "one")
			},
			want:   "an object has 2097152 bytes, the limit is 1048576",
			advice: "--max-object-mib",
		},
		{
			name: "large blob that nothing refers to",
			make: func(p *gittest.Pack) gittest.Hash {
				p.Add(gittest.Blob, make([]byte, 2<<20))
				return p.AddCommit(p.AddTree(), "one")
			},
			want:   "an object has 2097152 bytes",
			advice: "--max-object-mib",
		},
		{
			name: "claim of petabytes",
			make: func(p *gittest.Pack) gittest.Hash {
				p.AddClaim(gittest.Blob, 1<<55, []byte("{}"))
				return p.AddCommit(p.AddTree(), "one")
			},
			want:   "an object has 36028797018963968 bytes",
			advice: "--max-object-mib",
		},
		{
			name: "more than it claims",
			make: func(p *gittest.Pack) gittest.Hash {
				p.AddClaim(gittest.Blob, 1, make([]byte, 1<<20))
				return p.AddCommit(p.AddTree(), "one")
			},
			want:   "the pack is damaged",
			advice: "git bundle verify",
		},
		{
			name: "many blobs",
			make: func(p *gittest.Pack) gittest.Hash {
				for i := range 70 {
					p.Add(gittest.Blob, append(make([]byte, 1<<20-1), byte(i)))
				}
				return p.AddCommit(p.AddTree(), "one")
			},
			want:   "its objects have more than 4 MiB when unpacked",
			advice: "--max-unpacked-mib",
		},
		{
			name: "delta that unpacks to much",
			make: func(p *gittest.Pack) gittest.Hash {
				at := p.Offset()
				p.Add(gittest.Blob, make([]byte, 1<<15))
				p.AddDelta(at, gittest.CopyDelta(1<<15, 1<<14))
				return p.AddCommit(p.AddTree(), "one")
			},
			want:   "an object has 536870912 bytes",
			advice: "--max-object-mib",
		},
		{
			name: "deltas that together unpack to much",
			make: func(p *gittest.Pack) gittest.Hash {
				at := p.Offset()
				p.Add(gittest.Blob, make([]byte, 1<<15))
				for range 100 {
					p.AddDelta(at, gittest.CopyDelta(1<<15, 1<<5))
				}
				return p.AddCommit(p.AddTree(), "one")
			},
			want:   "its objects have more than 4 MiB when unpacked",
			advice: "--max-unpacked-mib",
		},
		{
			name: "delta of nothing",
			make: func(p *gittest.Pack) gittest.Hash {
				p.AddDeltaOf(gittest.Hash{1}, gittest.CopyDelta(1, 1))
				return p.AddCommit(p.AddTree(), "one")
			},
			want:   "1 deltas are based on objects that it lacks",
			advice: "git bundle verify",
		},
		{
			name: "delta of another length",
			make: func(p *gittest.Pack) gittest.Hash {
				at := p.Offset()
				p.Add(gittest.Blob, []byte("{}"))
				p.AddDelta(at, gittest.CopyDelta(1<<10, 1))
				return p.AddCommit(p.AddTree(), "one")
			},
			want:   "invalid delta",
			advice: "git bundle verify",
		},
		{
			name: "unknown kind",
			make: func(p *gittest.Pack) gittest.Hash {
				p.AddClaim(5, 2, []byte("{}"))
				return p.AddCommit(p.AddTree(), "one")
			},
			want:   "an object has the unknown type 5",
			advice: "git bundle verify",
		},
		{
			name: "four billion objects",
			make: func(p *gittest.Pack) gittest.Hash {
				p.Claim = 4_294_000_000
				return p.AddCommit(p.AddTree(), "one")
			},
			want:   "it claims to have 4294000002 objects",
			advice: "git bundle verify",
		},
		{
			name: "one object too many",
			make: func(p *gittest.Pack) gittest.Hash {
				p.Claim = 1
				return p.AddCommit(p.AddTree(), "one")
			},
			want:   "the pack is damaged",
			advice: "git bundle verify",
		},
		{
			name: "deep",
			make: func(p *gittest.Pack) gittest.Hash {
				tree := p.AddTree()
				for range 60_000 {
					tree = p.AddTree(gittest.Entry{Mode: "40000", Name: "d", Hash: tree})
				}
				return p.AddCommit(tree, "one")
			},
			want:   "directories are nested more than 20 deep, below \"d/d/d/",
			advice: "--max-depth",
		},
		{
			name: "deep after all",
			make: func(p *gittest.Pack) gittest.Hash {
				// The directory is known from the top when it comes again below.
				tree := p.AddTree()
				for range 15 {
					tree = p.AddTree(gittest.Entry{Mode: "40000", Name: "d", Hash: tree})
				}

				low := tree
				for range 10 {
					low = p.AddTree(gittest.Entry{Mode: "40000", Name: "e", Hash: low})
				}

				return p.AddCommit(p.AddTree(gittest.Entry{Mode: "40000", Name: "a", Hash: tree},
					gittest.Entry{Mode: "40000", Name: "b", Hash: low}), "one")
			},
			want:   "directories are nested more than 20 deep",
			advice: "--max-depth",
		},
		{
			name: "ten times ten times",
			make: func(p *gittest.Pack) gittest.Hash {
				tree := p.AddTree()
				for range 15 {
					var ten []gittest.Entry
					for i := range 10 {
						ten = append(ten, gittest.Entry{Mode: "40000", Name: fmt.Sprint(i), Hash: tree})
					}
					tree = p.AddTree(ten...)
				}

				return p.AddCommit(tree, "one")
			},
			want:   "there are more than 1000 files and directories",
			advice: "--max-entries",
		},
		{
			name: "one long directory",
			make: func(p *gittest.Pack) gittest.Hash {
				blob := p.Add(gittest.Blob, []byte("{}"))
				var many []gittest.Entry
				for i := range 1001 {
					many = append(many, gittest.Entry{Mode: "100644", Name: fmt.Sprintf("%05d", i), Hash: blob})
				}
				return p.AddCommit(p.AddTree(many...), "one")
			},
			want:   "there are more than 1000 files and directories",
			advice: "--max-entries",
		},
		{
			name:   "directory that leads up",
			make:   called("..", "40000"),
			want:   `an entry is called "..", which no file can be`,
			advice: "git fsck",
		},
		{
			name:   "directory that is itself",
			make:   called(".", "40000"),
			want:   `an entry is called ".", which no file can be`,
			advice: "git fsck",
		},
		{
			name:   "name with a slash",
			make:   called("a/b", "100644"),
			want:   `an entry is called "a/b", which no file can be`,
			advice: "git fsck",
		},
		{
			name: "two of a name",
			make: func(p *gittest.Pack) gittest.Hash {
				blob := p.Add(gittest.Blob, []byte("{}"))
				e := gittest.Entry{Mode: "100644", Name: "a", Hash: blob}
				return p.AddCommit(p.AddTree(e, e), "one")
			},
			want:   `two entries are called "a"`,
			advice: "git fsck",
		},
		{name: "no name", make: called("", "100644"), want: "the directory is damaged"},
		{name: "no mode", make: called("a", ""), want: "the directory is damaged"},
		{name: "endless mode", make: called("a", strings.Repeat("1", 100)), want: "the directory is damaged"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var p gittest.Pack
			bundle := p.Bundle(t, tt.make(&p))
			wantError(t, opened(t, bundle, "", limits), tt.advice, tt.want)

			cache := t.TempDir()
			wantError(t, opened(t, bundle, cache, limits), tt.advice, tt.want)
			wantError(t, opened(t, bundle, cache, limits), tt.advice, tt.want) // from the cache, where it got there
			wholeEntries(t, cache)
		})
	}
}

// called makes a commit with one entry.
func called(name, mode string) func(p *gittest.Pack) gittest.Hash {
	return func(p *gittest.Pack) gittest.Hash {
		h := p.Add(gittest.Blob, []byte("{}"))
		if mode == "40000" {
			h = p.AddTree()
		}
		return p.AddCommit(p.AddTree(gittest.Entry{Mode: mode, Name: name, Hash: h}), "one")
	}
}

// TestHandMadePack reads a pack with every way to store an object, so that the
// others fail for what is wrong with them only.
func TestHandMadePack(t *testing.T) {
	t.Parallel()
	var p gittest.Pack
	text := bytes.Repeat([]byte("x"), 1000)
	twice := gittest.Name(gittest.Blob, append(text, text...))
	p.AddDeltaOf(twice, gittest.CopyDelta(2000, 2)) // its base comes later
	at := p.Offset()
	once := p.Add(gittest.Blob, text)
	p.AddDelta(at, gittest.CopyDelta(1000, 2))
	four := gittest.Name(gittest.Blob, bytes.Repeat(text, 4))
	head := p.AddCommit(p.AddTree(
		gittest.Entry{Mode: "100644", Name: "four", Hash: four},
		gittest.Entry{Mode: "100664", Name: "once", Hash: once},
		gittest.Entry{Mode: "100755", Name: "twice", Hash: twice},
	), "one")

	bundle := p.Bundle(t, head)
	dir := t.TempDir()
	gittest.Run(t, dir, "clone", "--quiet", "--bare", bundle, ".")
	compare(t, open(t, bundle), dir)
	compare(t, open(t, dir), dir)
}

// TestLimitsOnDisk bounds what is read of a repository that git keeps.
func TestLimitsOnDisk(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"loose", "packed"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			r := gittest.Init(t)
			r.Write("a", strings.Repeat("x", 3<<20))
			r.Commit("one")
			r.Write("a", strings.Repeat("x", 3<<20)+"y")
			r.Commit("two")

			if form == "packed" {
				r.Git("gc", "--quiet", "--prune=now")
			}

			limits := gitrepo.DefaultLimits()
			limits.Object = 1 << 20
			repo, err := gitrepo.Open(t.Context(), r.Dir, gitrepo.Options{Limits: &limits})
			if err != nil {
				t.Fatal(err)
			}
			defer closeRepo(t, repo)

			for _, rev := range []string{"HEAD", "HEAD~1"} {
				fsys := files(t, repo, rev)
				f, err := fsys.Open("a")
				if err == nil {
					f.Close()
				}

				wantError(t, err, "--max-object-mib", "the limit is 1048576")
				if _, ok, err := repo.Blob(hash(t, r.Git("rev-parse", rev+":a")), 1<<30); ok || err != nil {
					t.Errorf("the file of %s is read: %v, %v", rev, ok, err)
				}
			}
		})
	}
}

// TestDescriptors reads much from many packs, and counts what is open.
func TestDescriptors(t *testing.T) {
	t.Parallel()
	r := gittest.Init(t)
	for i := range 80 { // more packs than may be open
		from := ""
		if i > 0 {
			from = "from refs/heads/main^0\n"
		}
		r.Feed(fmt.Sprintf("commit refs/heads/main\ncommitter Ada <ada@example.org> %d +0000\ndata 0\n%sM 100644 inline a\ndata 2\n%02d\n", i, from, i),
			"-c", "fastimport.unpackLimit=0", "fast-import", "--quiet")
	}

	shared := t.TempDir()
	gittest.Run(t, r.Dir, "clone", "--quiet", "--shared", ".", shared)
	repo := open(t, shared)
	most := 0

	for range 2 {
		for id := range strings.SplitSeq(log(t, repo), "\n") {
			read(t, files(t, repo, id))
			most = max(most, descriptors(t, r.Dir, shared))
		}
	}

	if most == 0 || most > 80 {
		t.Errorf("%d files of the repository were open at once, want at most 80", most)
	}
	if err := repo.Close(); err != nil {
		t.Error(err)
	}
	if n := descriptors(t, r.Dir, shared); n > 0 {
		t.Errorf("%d files are open after closing", n)
	}
}

// descriptors counts the process's open files below directories.
func descriptors(t *testing.T, dirs ...string) (n int) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("open files are counted where /proc tells them: %v", err)
	}

	for _, e := range entries {
		target, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil {
			continue // closed meanwhile
		}
		for _, dir := range dirs {
			if strings.HasPrefix(target, dir+"/") {
				n++
			}
		}
	}

	return n
}
