package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// smallGrid adds the files of a small testbed, and more entries at its top.
func smallGrid(p *gittest.Pack, more ...gittest.Entry) gittest.Hash {
	file := func(uid string) gittest.Hash { return p.Add(gittest.Blob, fmt.Appendf(nil, `{"uid": %q}`, uid)) }
	site := p.AddTree(gittest.Entry{Mode: "100644", Name: "uc.json", Hash: file("uc")})
	sites := p.AddTree(gittest.Entry{Mode: "40000", Name: "uc", Hash: site})
	return p.AddTree(append([]gittest.Entry{
		{Mode: "40000", Name: "sites", Hash: sites},
		{Mode: "100644", Name: "testbed.json", Hash: file("testbed")},
	}, more...)...)
}

// TestHostileRepositories runs the program on small bundles that unpack to
// gigabytes or to endless trees, with the limits as they are by default.
func TestHostileRepositories(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		commands string
		make     func(p *gittest.Pack) gittest.Hash // returns HEAD
		want     string
	}{
		{
			name:     "blobs of zeros",
			commands: "check build",
			make: func(p *gittest.Pack) gittest.Hash {
				p.AddCopies(gittest.Blob, make([]byte, 15<<20), 40)
				return p.AddCommit(smallGrid(p), "one")
			},
			want: "--max-unpacked-mib",
		},
		{
			name:     "blob of many zeros",
			commands: "check build",
			make: func(p *gittest.Pack) gittest.Hash {
				p.AddClaim(gittest.Blob, 2<<30, make([]byte, 1<<20))
				return p.AddCommit(smallGrid(p), "one")
			},
			want: "--max-object-mib",
		},
		{
			name:     "large deltas",
			commands: "check build",
			make: func(p *gittest.Pack) gittest.Hash {
				addDeltas(p, 20)
				return p.AddCommit(smallGrid(p), "one")
			},
			want: "--max-unpacked-mib",
		},
		{
			name:     "large deltas within the limits",
			commands: "check",
			make: func(p *gittest.Pack) gittest.Hash {
				addDeltas(p, 16)
				return p.AddCommit(smallGrid(p), "one")
			},
		},
		{
			name:     "directories without end",
			commands: "check build",
			make: func(p *gittest.Pack) gittest.Hash {
				tree := p.AddTree()
				for range 20_000 {
					tree = p.AddTree(gittest.Entry{Mode: "40000", Name: "d", Hash: tree})
				}
				return p.AddCommit(smallGrid(p, gittest.Entry{Mode: "40000", Name: "z", Hash: tree}), "one")
			},
			want: "--max-depth",
		},
		{
			name:     "directories ten times in the next",
			commands: "check build",
			make: func(p *gittest.Pack) gittest.Hash {
				return p.AddCommit(smallGrid(p, gittest.Entry{Mode: "40000", Name: "z", Hash: tenTimes(p, 12)}),
					"one")
			},
			want: "--max-entries",
		},
		{
			name:     "the same, long ago",
			commands: "build",
			make: func(p *gittest.Pack) gittest.Hash {
				old := p.AddCommit(smallGrid(p, gittest.Entry{Mode: "40000", Name: "z", Hash: tenTimes(p, 12)}),
					"one")
				return p.AddCommit(smallGrid(p), "two", old)
			},
			want: "--max-changes",
		},
		{
			name:     "a directory of a million",
			commands: "check build",
			make: func(p *gittest.Pack) gittest.Hash {
				blob := p.Add(gittest.Blob, []byte("{}"))
				many := make([]gittest.Entry, 1_000_000)
				for i := range many {
					many[i] = gittest.Entry{Mode: "100644", Name: fmt.Sprintf("%07d.json", i), Hash: blob}
				}
				return p.AddCommit(smallGrid(p, gittest.Entry{Mode: "40000", Name: "z", Hash: p.AddTree(many...)}),
					"one")
			},
			want: "--max-",
		},
		{
			name:     "many commits",
			commands: "check build",
			make: func(p *gittest.Pack) gittest.Hash {
				tree := smallGrid(p)
				head := p.AddCommit(tree, "")
				for i := range 60_000 {
					head = p.AddCommit(tree, fmt.Sprint(i), head)
				}
				return head
			},
			want: "--max-commits",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var p gittest.Pack
			bundle := p.Bundle(t, tt.make(&p))
			for command := range strings.FieldsSeq(tt.commands) {
				args := []string{command, "--quiet", "--repo", bundle, "--data-dir", "."}
				if command == "build" {
					args = append(args, "--out", t.TempDir())
				}

				cmd := runMeasured(t, args...)
				var stdout, stderr bytes.Buffer
				cmd.Stdout, cmd.Stderr = &stdout, &stderr
				code := cli.ExitFailed

				if tt.want == "" {
					code = cli.ExitOK
				}

				cmd.Run()
				if got := cmd.ProcessState.ExitCode(); got != code {
					t.Errorf("refgen %s ends with %d, want %d", command, got, code)
				}
				if got := stderr.String(); !strings.Contains(got, tt.want) || strings.Count(got, "\n") > 3 {
					t.Errorf("refgen %s says\n%s\nwant a sentence and %s", command, got, tt.want)
				}

				const most = 300 << 10
				rss := peak(t, stdout.String())
				t.Logf("%s: %v of processor, %d kB", command, cmd.ProcessState.UserTime(), rss)

				if rss > most && !raceDetector {
					t.Errorf("refgen %s takes %d kB, want at most %d", command, rss, most)
				}
			}
		})
	}
}

// addDeltas adds objects of 15 MiB that are made of one of 32 KiB.
func addDeltas(p *gittest.Pack, count int) {
	at := p.Offset()
	p.Add(gittest.Blob, make([]byte, 1<<15))
	for range count {
		p.AddDelta(at, gittest.CopyDelta(1<<15, 480))
	}
}

// runMeasured is the program in a process of its own, as its main function sets it
// up, which prints how much memory it took.
func runMeasured(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &exec.Cmd{Path: self, Args: append([]string{"refgen-measured"}, args...),
		Env: append(os.Environ(), "GOGC=125", "XDG_CACHE_HOME="+t.TempDir())}
}

// measured runs refgen, and then prints what the system says of the process.
// Its parent cannot ask: there the memory of the parent itself counts, too.
func measured() {
	code := run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, os.Getenv)
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		os.Stdout.Write(status)
	}
	os.Exit(code)
}

// peak is the most memory that a process had, in kB.
func peak(t *testing.T, status string) int {
	t.Helper()
	m := regexp.MustCompile(`VmHWM:\s+([0-9]+) kB`).FindStringSubmatch(status)
	if m == nil {
		t.Fatalf("the process does not say what memory it took:\n%s", status)
	}

	kb, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}

	return kb
}

// tenTimes makes directories that have ten times the next, level by level.
func tenTimes(p *gittest.Pack, levels int) gittest.Hash {
	tree := p.AddTree(gittest.Entry{Mode: "100644", Name: "a", Hash: p.Add(gittest.Blob, []byte("{}"))})
	for range levels {
		var ten []gittest.Entry
		for i := range 10 {
			ten = append(ten, gittest.Entry{Mode: "40000", Name: fmt.Sprint(i), Hash: tree})
		}
		tree = p.AddTree(ten...)
	}

	return tree
}
