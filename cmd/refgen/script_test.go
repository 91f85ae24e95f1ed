package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// asRefgen makes the test binary the program.
const asRefgen = "REFGEN_TEST_AS_REFGEN"

func TestMain(m *testing.M) {
	if os.Getenv(asRefgen) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){
		"refgen": func() {
			os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr,
				os.Getenv))
		},
		"refgen-measured": measured,
	})
}

// TestScript runs testdata/script: one file for each behaviour of the command
// line.
func TestScript(t *testing.T) {
	t.Parallel()
	bundle, flavors := realData(t, treetest.Bundle), realData(t, treetest.FlavorsBundle)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
			e.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)

			for _, who := range []string{"AUTHOR", "COMMITTER"} {
				e.Setenv("GIT_"+who+"_NAME", "Ada Lovelace")
				e.Setenv("GIT_"+who+"_EMAIL", "ada@example.org")
				e.Setenv("GIT_"+who+"_DATE", "2025-01-06T09:00:00Z")
			}

			e.Setenv("BUNDLE", bundle)
			e.Setenv("FLAVORS", flavors)
			return nil
		},
		Condition: func(name string) (bool, error) {
			return name == "real" && bundle != "" || name == "flavors" && flavors != "", nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"same":   same,
			"repeat": repeat,
		},
	})
}

// realData is the path of a bundle, "" where it is not there.
func realData(t *testing.T, bundle string) string {
	t.Helper()
	bundle, err := filepath.Abs(filepath.Join("../..", bundle))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bundle); err != nil {
		t.Logf("no real data: %s is not there", bundle)
		return ""
	}

	return bundle
}

// same TREE TREE: both directories have the same files with the same bytes and
// modification times.
func same(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: same DIR DIR")
	}
	a, b := listing(ts, ts.MkAbs(args[0])), listing(ts, ts.MkAbs(args[1]))
	if (a == b) == neg {
		ts.Fatalf("%s and %s are the same: %v", args[0], args[1], a == b)
	}
}

func listing(ts *testscript.TestScript, dir string) string {
	var out strings.Builder
	dir, err := filepath.EvalSymlinks(dir)
	ts.Check(err)
	ts.Check(filepath.Walk(dir, func(p string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		if info.Mode().Type() == fs.ModeSymlink { // to the immutable files, wherever they lie
			out.WriteString(listing(ts, p))
			return nil
		}
		body, err := os.ReadFile(p)
		out.WriteString(strings.TrimPrefix(p, dir) + info.ModTime().UTC().String() + info.Mode().String() +
			string(body))
		return err
	}))

	return out.String()
}

// repeat FILE N TEXT appends a text to a file, N times.
func repeat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: repeat FILE N TEXT")
	}

	n := 0
	for _, digit := range args[1] {
		n = 10*n + int(digit-'0')
	}

	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	ts.Check(err)
	_, err = f.WriteString(strings.Repeat(args[2], n))
	ts.Check(err)
	ts.Check(f.Close())
}
