package manual

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// grammar has each kind of flag and argument once.
type grammar struct {
	Config string `help:"A file's name: [any] of them." placeholder:"FILE"`
	HelpAs Flag   `help:"Print this." enum:",man,bash,zsh,fish" default:"" placeholder:"FORM"`
	Secret bool   `hidden:"" help:"Not shown."`

	Build struct {
		Out    string `help:".out, a directory." placeholder:"DIR"`
		Format string `help:"It's a format." enum:"text,json" default:"text"`
		Rev    string `help:"Revision."`
		Watch  bool   `negatable:"" short:"w" help:"Watch."`
	} `cmd:"" help:"Build it."`
	Verify struct {
		Tree string `arg:"" help:"A tree." placeholder:"DIR|URL"`
	} `cmd:"" help:"Verify it."`
}

func printed(t *testing.T, args ...string) (string, bool) {
	t.Helper()
	var out strings.Builder
	ended := false
	parser, err := kong.New(&grammar{}, kong.Name("demo"), kong.Description("A demonstration: it does nothing."),
		kong.Vars{"version": "demo 1.0.0"}, kong.Writers(&out, &out), kong.Exit(func(int) { ended = true }))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil && !ended {
		return err.Error(), false
	}
	return out.String(), ended
}

// The page has every flag that is not hidden, and groff has no complaint.
func TestMan(t *testing.T) {
	t.Parallel()
	page, ok := printed(t, "--help-as=man")
	if !ok || strings.Contains(page, "Secret") {
		t.Errorf("printed %s", page)
	}

	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is not installed (apt-get install groff-base)")
	}
	cmd := exec.Command(groff, "-man", "-Tutf8", "-P-cbou", "-ww", "-rHY=0")
	cmd.Stdin = strings.NewReader(page)
	text, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(text), "warning") {
		t.Fatalf("%v\n%s", err, text)
	}

	for _, want := range []string{
		"demo - a demonstration", "demo build [flags]", "demo verify [flags] DIR|URL", "It does nothing.",
		"--config=FILE", "A file's name: [any] of them.", "--format=text|json", "--watch, --no-watch, -w", ".out, a directory.",
		"EXIT STATUS",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
}

// An unknown form is an error, which names those that there are.
func TestUnknownForm(t *testing.T) {
	t.Parallel()
	if got, ok := printed(t, "--help-as", "html"); ok || !strings.Contains(got, "man,bash,zsh,fish") {
		t.Errorf("printed %s", got)
	}
}

// What bash and fish offer after some words.
func TestCompletion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"folder", "other"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}

	shells := map[string]func(words []string) string{
		"bash": func(words []string) string {
			return `compopt() { :; }; . ./demo.bash; COMP_WORDS=('` + strings.Join(words, "' '") + `')
				COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _demo; printf '%s\n' "${COMPREPLY[@]}"`
		},
		"fish": func(words []string) string {
			line := strings.ReplaceAll(strings.Join(words, " "), " = ", "=")
			return `. ./demo.fish; complete -C '` + line + `'`
		},
	}

	for shell, script := range shells {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("%s is not installed (apt-get install %s)", shell, shell)
			}
			text, _ := printed(t, "--help-as", shell)
			if err := os.WriteFile(filepath.Join(dir, "demo."+shell), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}

			for _, tt := range []struct{ words, want string }{
				{"demo b", "build"},
				{"demo --con", "--config"},
				{"demo build --fo", "--format"},
				{"demo build --no", "--no-watch"},
				{"demo build --format j", "json"},
				{"demo build --format = j", "json"},
				{"demo build --out fo", "folder"},
				{"demo build --out fi", ""}, // a directory is asked for
				{"demo build --rev f", ""},
				{"demo verify fo", "folder"},
				{"demo --config fi", "file"},
				{"demo verify --fo", ""},
				{"demo --sec", ""},
			} {
				cmd := exec.Command(path, "-c", script(strings.Split(tt.words, " ")))
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+dir)
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Errorf("%s: %v\n%s", tt.words, err, out)
				}
				if got := offered(string(out)); !slices.Equal(got, strings.Fields(tt.want)) {
					t.Errorf("%s: %s offers %q, want %q", tt.words, shell, got, tt.want)
				}
			}
		})
	}
}

// offered are the words of a shell's answer, without fish's descriptions.
func offered(out string) (words []string) {
	for line := range strings.Lines(out) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		word = strings.TrimSuffix(word[strings.Index(word, "=")+1:], "/")
		if word != "" {
			words = append(words, word)
		}
	}
	return words
}

// zsh runs its script; its own functions, which need a terminal, are told what they would
// be told.
func TestZsh(t *testing.T) {
	t.Parallel()
	zsh, err := exec.LookPath("zsh")
	if err != nil {
		t.Skip("zsh is not installed (apt-get install zsh)")
	}

	text, _ := printed(t, "--help-as", "zsh")
	cmd := exec.Command(zsh, "-f", "-c", `_arguments() { print -rl -- "$@"; state=rest }
		complete_demo() { local words=(build); `+text+` }; complete_demo`)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		`*--config=[A file's name\: \[any\] of them.]:FILE:_files`, "*--format=[It's a format.]:text|json:(text json)",
		"*--out=[.out, a directory.]:DIR:_files -/", "*--no-watch[Watch.]",
	} {
		if !strings.Contains(string(out), want+"\n") {
			t.Errorf("%q is not offered:\n%s", want, out)
		}
	}
}
