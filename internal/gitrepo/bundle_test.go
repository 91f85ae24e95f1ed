package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// bundleOf bundles revisions of a small repository.
func bundleOf(t testing.TB, r *gittest.Repo, args ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bundle")
	revs := slices.IndexFunc(args, func(a string) bool { return !strings.HasPrefix(a, "--") || a == "--all" })
	r.Git(slices.Concat([]string{"bundle", "create", "--quiet"}, args[:revs], []string{path}, args[revs:])...)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	return data
}

// small makes a repository with two branches, in which files resemble one
// another, so that packs hold deltas.
func small(t testing.TB, args ...string) *gittest.Repo {
	r := gittest.Init(t, args...)
	long := strings.Repeat("a long line that hardly changes\n", 20)
	r.Write("a", long)
	r.Write("dir/b", long+"b")
	r.Commit("one")
	r.Git("branch", "side")
	r.Write("dir/b", "b"+long)
	r.Commit("two")

	return r
}

// walked reads everything that HEAD reaches.
func walked(r *Repo) (string, error) {
	head, err := r.Resolve("")
	if err != nil {
		return "", err
	}

	h, _, err := history.Walk(context.Background(), r, head, []string{"dir/b"}, ".", history.Limits{})
	if err != nil {
		return "", err
	}

	return h.Head().ID.String(), nil
}

func TestBundleHead(t *testing.T) {
	t.Parallel()
	r := small(t)
	head := r.Head()
	side := r.Git("rev-parse", "side")
	r.Git("branch", "other")

	for _, tt := range []struct {
		name string
		args []string
		want string // the commit that HEAD means, or the error and advice
	}{
		{"all", []string{"--all"}, head},
		{"HEAD", []string{"HEAD"}, head},
		{"version 3", []string{"--version=3", "--all"}, head},
		{"main of several", []string{"side", "main", "other"}, head},
		{"one branch", []string{"side"}, side},
		{"several branches", []string{"other", "side"},
			"HEAD names no commit (name a branch with --rev, for example other)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			repo, err := ReadBundle(bytes.NewReader(bundleOf(t, r, tt.args...)), Options{})
			if err != nil {
				t.Fatal(err)
			}

			got, err := walked(repo)
			if err != nil {
				got = fmt.Sprintf("%v (%s)", err, hint.Of(err))
			}
			if got != tt.want {
				t.Errorf("HEAD is %s, want %s", got, tt.want)
			}
			if _, err := repo.Resolve(tt.args[len(tt.args)-1]); err != nil && tt.args[0][0] != '-' {
				t.Error(err)
			}
		})
	}
}

func TestBundleRefuses(t *testing.T) {
	t.Parallel()
	r := small(t)
	whole := string(bundleOf(t, r, "--all"))
	header, pack, _ := strings.Cut(whole, "\n\n")
	for _, tt := range []struct{ name, data, want, advice string }{
		{name: "empty", want: "not a git bundle", advice: "git bundle create"},
		{name: "text", data: "hello\n", want: "not a git bundle", advice: "git bundle create"},
		{
			name:   "zeros",
			data:   strings.Repeat("\x00", 1<<20),
			want:   "not a git bundle",
			advice: "git bundle create",
		},
		{name: "old version", data: "# v1 git bundle\n", want: "not a git bundle", advice: "git bundle create"},
		{
			name:   "carriage returns",
			data:   strings.ReplaceAll(whole, "\n", "\r\n"),
			want:   "not a git bundle",
			advice: "git bundle create",
		},
		{
			name:   "prerequisites",
			data:   string(bundleOf(t, r, "side..main")),
			want:   "it needs 1 commits that it lacks",
			advice: "git bundle create FILE --all",
		},
		{
			name:   "filter",
			data:   string(bundleOf(t, r, "--all", "--filter=blob:none")),
			want:   `"filter=blob:none"`,
			advice: "git bundle create FILE --all",
		},
		{
			name:   "SHA-256",
			data:   string(bundleOf(t, small(t, "--object-format=sha256"), "--all")),
			want:   `"object-format=sha256"`,
			advice: "git fast-export",
		},
		{
			name: "short hash",
			data: header + "\n1234 refs/heads/x\n\n" + pack,
			want: `invalid line "1234 refs/heads/x"`,
		},
		{name: "no name", data: header + "\n" + strings.Repeat("1", 40) + "\n\n" + pack, want: "invalid line"},
		{
			name: "empty name",
			data: header + "\n" + strings.Repeat("1", 40) + " \n\n" + pack,
			want: "invalid line",
		},
		{
			name: "name outside refs",
			data: header + "\n" + strings.Repeat("1", 40) + " refs/../config\n\n" + pack,
			want: "invalid line",
		},
		{
			name: "long line",
			data: header + "\n" + strings.Repeat("1", 40) + " refs/heads/" + strings.Repeat("x", 1<<20),
			want: "too long",
		},
		{name: "no pack", data: header + "\n\n", want: "unpack: ", advice: "git bundle verify"},
		{name: "more behind", data: whole + "x", want: "the checksum is wrong", advice: "git bundle verify"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			repo, err := ReadBundle(strings.NewReader(tt.data), Options{})
			if repo != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("it gives %v, %v; want an error with %q", repo, err, tt.want)
			}
			if got := hint.Of(err); !strings.Contains(got, tt.advice) || (got == "") != (tt.advice == "") {
				t.Errorf("the advice is %q, want %q", got, tt.advice)
			}
		})
	}
}

// TestBundleHeaderStops gives headers without an end.
func TestBundleHeaderStops(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("1", 40) + " refs/heads/main\n"
	for _, tt := range []struct {
		name, start, then, want string
		most                    int64 // bytes that may be read
	}{
		{name: "no line", then: "\x00", want: "not a git bundle", most: 1 << 20},
		{name: "one line", start: "# v2 git bundle\n", then: "1", want: "too long", most: 1 << 20},
		{
			name:  "lines",
			start: "# v2 git bundle\n",
			then:  line,
			want:  "too long",
			most:  maxBundleHeader + 1<<20,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			const size = 100 << 20
			endless := &io.LimitedReader{R: io.MultiReader(strings.NewReader(tt.start),
				&repeat{text: strings.Repeat(tt.then, 1000)}), N: size}
			if _, err := ReadBundle(endless, Options{}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("it gives %v, want an error with %q", err, tt.want)
			}
			if read := size - endless.N; read > tt.most {
				t.Errorf("%d bytes were read", read)
			}
		})
	}
}

// repeat is a text again and again.
type repeat struct {
	text string
	at   int
}

func (r *repeat) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

// TestBundleDamaged cuts a bundle short at every length, and changes every
// byte: whatever is in the pack must be noticed at once.
func TestBundleDamaged(t *testing.T) {
	t.Parallel()
	r := small(t)
	head := r.Head()
	whole := bundleOf(t, r, "--all")
	pack := bytes.Index(whole, []byte("\n\n")) + 2

	for n := range whole {
		if repo, err := ReadBundle(bytes.NewReader(whole[:n]), Options{}); err == nil || repo != nil {
			t.Errorf("cut at byte %d of %d, it is %v, %v; want an error", n, len(whole), repo, err)
		}
		for _, bit := range []byte{0x01, 0x80} {
			broken := bytes.Clone(whole)
			broken[n] ^= bit
			repo, err := ReadBundle(bytes.NewReader(broken), Options{})
			if err == nil && n >= pack {
				t.Errorf("byte %d of the pack is wrong, and nobody says so", n-pack)
			}

			if err != nil {
				continue
			}

			// A name in the header is another name then; a hash names nothing.
			if got, err := walked(repo); err == nil && got != head {
				t.Errorf("byte %d of the header is wrong, and HEAD is %s", n, got)
			}
		}
	}
}

func FuzzBundleHeader(f *testing.F) {
	hash := strings.Repeat("1", 40)
	for _, seed := range []string{
		"", "\n", "# v2 git bundle\n", "# v2 git bundle\n\n", "# v3 git bundle\n@object-format=sha1\n\nPACK",
		"# v2 git bundle\n" + hash + " HEAD\n" + hash + " refs/heads/main\n\nPACK\x00\x00\x00\x02",
		"# v2 git bundle\n-" + hash + " the first\n" + hash + " refs/heads/main\n\n",
		"# v3 git bundle\n@filter=blob:none\n" + hash + " refs/heads/main\n\n",
		"# v2 git bundle\n" + hash + " refs/heads/a b\n" + hash + "  refs/heads/x\n\n",
	} {
		f.Add([]byte(seed))
	}

	f.Fuzz(func(t *testing.T, data []byte) {
		in := bufio.NewReader(bytes.NewReader(data))
		b, err := readBundleHeader(in)
		if err != nil {
			return
		}

		rest, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if header, ok := bytes.CutSuffix(data, rest); !ok || !bytes.HasSuffix(header, []byte("\n\n")) {
			t.Fatalf("%q is left of %q", rest, data)
		}

		again := "# v2 git bundle\n" + strings.Repeat("-"+hash+" \n", b.prerequisites)
		for name, h := range b.refs {
			if !name.IsSafe() {
				t.Errorf("the reference %q is not safe", name)
			}
			again += h.String() + " " + name.String() + "\n"
		}

		c, err := readBundleHeader(bufio.NewReader(strings.NewReader(again + "\n")))
		if err != nil || c.prerequisites != b.prerequisites || !maps.Equal(c.refs, b.refs) {
			t.Errorf("written again, it is %v, %v; want %v", c, err, b)
		}
	})
}
