package main

import (
	"encoding/json"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/chameleoncloud/refapi/docs"
	"github.com/chameleoncloud/refapi/internal/test/browsertest"
	"github.com/chameleoncloud/refapi/internal/test/clients"
	"github.com/chameleoncloud/refapi/internal/test/npmtest"
)

// block is a fenced block of a chapter.
type block struct {
	language, text string
	line           int
}

var fences = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")

// blocks returns a chapter's, which ask a server instead of the example's.
func blocks(t *testing.T, chapter, address string) (found []block) {
	t.Helper()
	source, err := fs.ReadFile(docs.FS, chapter)
	if err != nil {
		t.Fatal(err)
	}

	text := strings.ReplaceAll(string(source), "https://api.example.org", address)
	for _, m := range fences.FindAllStringSubmatchIndex(text, -1) {
		found = append(found, block{text[m[2]:m[3]], text[m[4]:m[5]], 1 + strings.Count(text[:m[0]], "\n")})
	}

	if len(found) == 0 {
		t.Fatalf("docs/%s has no examples", chapter)
	}

	return found
}

// join puts the blocks of a language together.
func join(all []block, language string) (text string) {
	for _, e := range all {
		if e.language == language {
			text = joined(text, e.text)
		}
	}
	return text
}

// program is what consecutive examples in one language form, with the output that
// the chapter shows for it.
type program struct{ source, shown string }

// programs returns a chapter's in a language. Go's begin with a package clause.
func programs(all []block, language string) (found []program) {
	current := &program{} // what other languages show
	for _, e := range all {
		switch e.language {
		case "text":
			current.shown = joined(current.shown, e.text)
		case language:
			if len(found) == 0 || strings.HasPrefix(e.text, "package ") {
				found = append(found, program{})
			}
			current = &found[len(found)-1]
			current.source = joined(current.source, e.text)
		default:
			current = &program{}
		}
	}
	return found
}

// joined puts blocks together, as chapters say.
func joined(blocks, next string) string {
	if blocks == "" {
		return next
	}
	return blocks + "\n" + next
}

// Every example of the guide for users and editors works, and prints what the
// guide shows.
func TestExamplesOfTheGuide(t *testing.T) {
	t.Parallel()
	r := serve(t, "--sample", "--out", t.TempDir())
	for _, chapter := range []string{"researchers.md", "getting-started.md", "api.md", "data.md"} {
		t.Run(chapter, func(t *testing.T) {
			t.Parallel()
			shell(t, chapter, blocks(t, chapter, r.address))
		})
	}

	t.Run("python.md", func(t *testing.T) {
		t.Parallel()
		p := programs(blocks(t, "python.md", r.address), "python")[0]
		file := filepath.Join(t.TempDir(), "example.py")
		write(t, file, p.source)
		asShown(t, "python.md", p.shown, printed(t, exec.Command("python3", "-W", "error", file)))
	})

	t.Run("researchers.md in Python", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "slots.py")
		write(t, file, programs(blocks(t, "researchers.md", r.address), "python")[0].source)
		if got := printed(t, exec.Command("python3", "-W", "error", file)); !strings.Contains(got, " north 2\n") {
			t.Errorf("docs/researchers.md: the program prints %q", got)
		}
	})

	t.Run("go.md", func(t *testing.T) {
		t.Parallel()
		all := programs(blocks(t, "go.md", r.address), "go")
		for _, p := range all {
			if formatted, err := format.Source([]byte(p.source)); err != nil || string(formatted) != p.source {
				t.Errorf("docs/go.md: gofmt would change a program (%v)", err)
			}
		}

		byHand := all[1]
		file := filepath.Join(t.TempDir(), "main.go")
		write(t, file, byHand.source)
		if vet := printed(t, exec.Command("go", "vet", file)); vet != "" {
			t.Errorf("docs/go.md: go vet says\n%s", vet)
		}
		asShown(t, "go.md", byHand.shown, printed(t, exec.Command("go", "run", file)))
	})

	t.Run("javascript.md", func(t *testing.T) {
		t.Parallel()
		p := programs(blocks(t, "javascript.md", r.address), "js")[0]
		b := browsertest.Start(t)
		b.Do(chromedp.Navigate(r.address + "/guide"))
		got := browsertest.Get(b, chromedp.Evaluate[string](`(async () => {
			const lines = [];
			const console = { log: (...values) => lines.push(values.map(String).join(" ") + "\n") };
			`+p.source+`
			return lines.join("");
		})()`, chromedp.EvalAwaitPromise))

		asShown(t, "javascript.md", p.shown, got)
		b.Do(chromedp.Navigate("about:blank"))
		b.Forgive("Failed to load resource") // one example asks for what is not there
	})
}

// The generated clients of the guide come from the commands that it shows, but
// for those that install: generators are there, at the versions that it shows.
func TestGeneratedClientsOfTheGuide(t *testing.T) {
	t.Parallel()
	r := serve(t, "--sample", "--out", t.TempDir())

	t.Run("go.md", func(t *testing.T) {
		t.Parallel()
		all := blocks(t, "go.md", r.address)
		dir := t.TempDir()
		env := clients.Module(t, "../..", dir)
		in := func(name string, args ...string) string {
			cmd := exec.Command(name, args...)
			cmd.Dir, cmd.Env = dir, env
			return printed(t, cmd)
		}

		in("go", "mod", "edit", "-module", "example.org/hello")
		commands := join(all, "sh")
		atVersions(t, "go.md", commands, filepath.Join(dir, "go.mod"))
		in("sh", "-euc", `go() { case $1 in mod | get) ;; *) command go "$@" ;; esac; }`+"\n"+commands)

		p := programs(all, "go")[0]
		write(t, filepath.Join(dir, "main.go"), p.source)
		in("go", "vet", ".", "./api")
		asShown(t, "go.md", p.shown, in("go", "run", "."))
	})

	t.Run("javascript.md", func(t *testing.T) {
		t.Parallel()
		all := blocks(t, "javascript.md", r.address)
		dir, modules := t.TempDir(), npmtest.Modules(t, "../..")
		if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
			t.Fatal(err)
		}
		in := func(script string) string {
			cmd := exec.Command("sh", "-euc", `npm() { :; }; npx() { "node_modules/.bin/$@"; }`+"\n"+script)
			cmd.Dir, cmd.Env = dir, npmtest.Env(modules)
			return printed(t, cmd)
		}

		commands := join(all, "sh")
		atVersions(t, "javascript.md", commands, "../../.ci/npm/package.json")
		in(commands)

		p := programs(all, "ts")[0]
		write(t, filepath.Join(dir, "hello.mts"), p.source)
		in("npx tsc --noEmit --strict --target es2023 --module esnext --moduleResolution bundler hello.mts")
		asShown(t, "javascript.md", p.shown, in("node hello.mts"))
	})
}

// atVersions checks that what commands install is what the tests run, as a file
// says that has names with versions.
func atVersions(t *testing.T, chapter, commands, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	pinned := strings.NewReplacer(`"`, "", ":", "").Replace(string(text))
	installed := regexp.MustCompile(`([^ ]+?)(?:/cmd/[^ ]+)?@([^ \n]+)`).FindAllStringSubmatch(commands, -1)
	if len(installed) == 0 {
		t.Errorf("docs/%s: nothing is installed at a version", chapter)
	}
	for _, m := range installed {
		if !strings.Contains(pinned, m[1]+" "+m[2]) {
			t.Errorf("docs/%s installs %s at %s; the tests run another version", chapter, m[1], m[2])
		}
	}
}

// No chapter has examples that nothing runs.
func TestAllExamplesAreRun(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(docs.FS, "*.md")
	if err != nil {
		t.Fatal(err)
	}

	for _, name := range files {
		source, err := fs.ReadFile(docs.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fences.FindAllStringSubmatch(string(source), -1) {
			runs := map[string][]string{
				"python": {"python.md", "researchers.md"}, "js": {"javascript.md"}, "ts": {"javascript.md"}, "go": {"go.md"},
			}
			if where, ok := runs[m[1]]; ok && !slices.Contains(where, name) {
				t.Errorf("docs/%s has an example in %s, which no test runs:\n%s", name, m[1], m[2])
			}
			// The job for GitLab has shell in it; TestJobsOfTheGuide runs it.
			if m[1] != "sh" && strings.Contains(m[2], "curl ") && m[2] != jobs(t)["GitLab"] {
				t.Errorf("docs/%s: an example with curl is marked %q, not sh", name, m[1])
			}
		}
	}
}

// shell runs a chapter's examples one by one in a directory. An answer that the
// chapter does not show must be JSON at least.
func shell(t *testing.T, chapter string, all []block) {
	t.Helper()
	dir := t.TempDir()
	for i, e := range all {
		if e.language != "sh" {
			continue
		}

		cmd := exec.Command("sh", "-eu")
		cmd.Stdin = strings.NewReader(e.text)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "NO_COLOR=1",
			"GIT_AUTHOR_NAME=Ada Lovelace", "GIT_AUTHOR_EMAIL=ada@example.org", "GIT_COMMITTER_NAME=Ada Lovelace", "GIT_COMMITTER_EMAIL=ada@example.org")
		got := printed(t, cmd)
		where := fmt.Sprintf("%s:%d", chapter, e.line)
		shown := block{}

		if i+1 < len(all) {
			shown = all[i+1]
		}

		switch {
		case shown.language == "text":
			asShown(t, where, shown.text, got)
		case shown.language == "json":
			answersAsShown(t, where, shown.text, got)
		case strings.Contains(e.text, "curl ") && got != "" && !json.Valid([]byte(got)):
			t.Errorf("docs/%s: the answer is no JSON: %q", where, got)
		}
	}
}

// printed runs a command, which must succeed, and returns what it prints.
func printed(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, out, &stderr)
	}
	return string(out)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
