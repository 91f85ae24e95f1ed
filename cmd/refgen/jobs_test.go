package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// The jobs of the guide are run as they are written, with the action that one of them uses:
// they publish a commit, know that it is published, and publish the next one.
func TestJobsOfTheGuide(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*runner, string) bool{"GitHub": (*runner).github, "GitLab": (*runner).gitlab} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t)
			job := jobs(t)[name]

			var live []string
			for _, want := range []bool{true, false, true} {
				r.checkout()
				if changed := run(r, job); changed != want {
					t.Fatalf("published: %t, want %t", changed, want)
				}

				if code, printed := refgen(t, "refgen verify "+r.web); code != cli.ExitOK {
					t.Errorf("the server's files: exit code %d\n%s", code, printed)
				}
				served, err := disk.Open(r.web)
				if err != nil {
					t.Fatal(err)
				}
				if head := r.work.Head(); served.Manifest.Commit != head {
					t.Errorf("served is %s, want %s", served.Manifest.Commit, head)
				}

				live = append(live, filepath.Base(served.Dir))
				if !want {
					r.work.Write("README.md", "Changed.\n")
					r.work.Commit("Change the text")
				}
			}

			// After each copy: nothing is live before all of it is there.
			want := []string{"nothing", live[0], live[0], live[2]}
			if got := strings.Fields(string(r.read(r.web + ".log"))); !slices.Equal(got, want) {
				t.Errorf("live after each copy: %v, want %v", got, want)
			}
		})
	}
}

// jobs are the jobs of CI services in the guide.
func jobs(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, b := range blocks(t, "operating.md", "https://api.example.org") {
		switch {
		case b.language == "yaml" && strings.Contains(b.text, "\njobs:\n"):
			found["GitHub"] = b.text
		case b.language == "yaml" && strings.Contains(b.text, "\n  script:\n"):
			found["GitLab"] = b.text
		}
	}
	if len(found) != 2 {
		t.Fatalf("docs/operating.md has the jobs %q", found)
	}
	return found
}

// runner is a machine of a CI service, on which some programs reach no others: apt-get and
// gh, and rsync, which finds the web server in a directory.
type runner struct {
	t    *testing.T
	work *gittest.Repo // what is pushed

	dir      string // the checkout
	bin      string // programs that are found first
	released string // files of a release
	web      string // the server's directory
}

var stubs = map[string]string{
	"apt-get": "",
	"gh": `
[ "$1" != release ] || [ "$3" = "v$VERSION" ]
while [ $# -gt 0 ]; do
	[ "$1" != --pattern ] || cp "$RELEASED/$2" .
	shift
done`,
	"rsync": `
for arg do
	shift
	[ "$arg" != web.example.org:/srv/refapi/ ] || arg=$WEB/
	set -- "$@" "$arg"
done
"$RSYNC" "$@"
live=$(readlink "$WEB/current") || live=nothing
basename "$live" >> "$WEB.log"`,
}

func newRunner(t *testing.T) *runner {
	t.Helper()
	work, _ := sampleRepository(t)
	dir := t.TempDir()
	r := &runner{t: t, work: work}
	for name, at := range map[string]*string{"checkout": &r.dir, "bin": &r.bin, "released": &r.released, "web": &r.web} {
		*at = filepath.Join(dir, name)
		r.must(os.Mkdir(*at, 0o755))
	}
	for name, script := range stubs {
		r.must(os.WriteFile(filepath.Join(r.bin, name), []byte("#!/bin/sh -e\n"+script+"\n"), 0o755))
	}

	// The test's own program is refgen under that name.
	program, err := os.Executable()
	r.must(err)
	name := fmt.Sprintf("refapi_%s_linux_%s", api.ProductVersion, runtime.GOARCH)
	r.must(os.Mkdir(filepath.Join(dir, name), 0o755))
	r.must(os.Symlink(program, filepath.Join(dir, name, "refgen")))
	archive := filepath.Join(r.released, name+".tar.gz")
	printed(t, exec.Command("tar", "-czf", archive, "-C", dir, name))
	write(t, filepath.Join(r.released, "SHA256SUMS"), fmt.Sprintf("%x  %s.tar.gz\n%064d  other.tar.gz\n",
		sha256.Sum256(r.read(archive)), name, 0))

	work.Git("clone", "--quiet", ".", r.dir)
	return r
}

// checkout gets what was pushed, as CI services do, and leaves nothing but the cache.
func (r *runner) checkout() {
	r.t.Helper()
	gittest.Run(r.t, r.dir, "fetch", "--quiet", "origin")
	gittest.Run(r.t, r.dir, "checkout", "--quiet", "--force", "--detach", r.work.Head())
	gittest.Run(r.t, r.dir, "clean", "-ffdxq", "--exclude=site")
}

// run runs a script in the checkout and returns its exit code.
func (r *runner) run(script string, env []string, shell ...string) int {
	r.t.Helper()
	rsync, err := exec.LookPath("rsync")
	r.must(err)
	cmd := exec.Command(shell[0], append(shell[1:], "-c", script)...)
	cmd.Dir = r.dir
	cmd.Env = slices.Concat(os.Environ(), []string{"PATH=" + r.bin + ":" + os.Getenv("PATH"),
		"RSYNC=" + rsync, "WEB=" + r.web, "RELEASED=" + r.released, "XDG_CONFIG_HOME=" + r.bin}, env)

	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Logf("%s: %v\n%s", script, err, out)
	}
	return cmd.ProcessState.ExitCode()
}

func (r *runner) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *runner) read(file string) []byte {
	r.t.Helper()
	text, err := os.ReadFile(file)
	r.must(err)
	return text
}

func (r *runner) parse(text []byte, to any) {
	r.t.Helper()
	r.must(yaml.Unmarshal(text, to))
}

// gitlab runs the job of GitLab.
func (r *runner) gitlab(text string) (changed bool) {
	r.t.Helper()
	var all map[string]struct {
		Variables    map[string]string
		Cache        struct{ Paths []string }
		BeforeScript []string `yaml:"before_script"`
		Script       []string
		AllowFailure struct {
			ExitCodes []int `yaml:"exit_codes"`
		} `yaml:"allow_failure"`
	}
	r.parse([]byte(text), &all)
	job := all["publish"]
	if !slices.Equal(job.Cache.Paths, []string{"site"}) {
		r.t.Errorf("cached are %q", job.Cache.Paths)
	}

	const release = "https://github.com/chameleoncloud/refapi/releases/download/v" + api.ProductVersion
	if job.Variables["REFAPI"] != release {
		r.t.Errorf("downloads are from %s, want %s", job.Variables["REFAPI"], release)
	}
	s := httptest.NewServer(http.FileServer(http.Dir(r.released)))
	defer s.Close()
	job.Variables["REFAPI"] = s.URL

	var env []string
	for name, value := range job.Variables {
		env = append(env, name+"="+value)
	}
	script := strings.Join(slices.Concat(job.BeforeScript, job.Script), "\n")
	script = strings.ReplaceAll(script, "linux_amd64", "linux_"+runtime.GOARCH)

	code := r.run(script, env, "sh", "-e")
	if code != 0 && !slices.Contains(job.AllowFailure.ExitCodes, code) {
		r.t.Fatalf("the job fails with %d", code)
	}
	return code == 0
}

// step is one of a job, or of an action.
type step struct {
	ID, Uses, If, Run string
	With, Env         map[string]string
}

// github runs the job of the workflow for GitHub.
func (r *runner) github(text string) (changed bool) {
	r.t.Helper()
	var workflow struct {
		Jobs map[string]struct{ Steps []step }
	}
	r.parse([]byte(text), &workflow)

	outputs := map[string]string{}
	for _, s := range workflow.Jobs["publish"].Steps {
		name, _, _ := strings.Cut(s.Uses, "@")
		switch {
		case name == "actions/checkout":
		case name == "actions/cache":
			if s.With["path"] != "site" {
				r.t.Errorf("cached is %q", s.With["path"])
			}
		case name == "chameleoncloud/refapi/.github/actions/refgen":
			for output, value := range r.action(s.With) {
				outputs["steps."+s.ID+".outputs."+output] = value
			}
		case s.Run != "":
			output, want, ok := strings.Cut(s.If, " == ")
			if !ok || outputs[output] == "" {
				r.t.Fatalf("no such condition: %s", s.If)
			}
			if changed = outputs[output] == strings.Trim(want, "'"); !changed {
				continue
			}
			if code := r.run(s.Run, nil, "bash", "-e"); code != 0 {
				r.t.Fatalf("the step fails with %d", code)
			}
		default:
			r.t.Fatalf("no such step: %v", s)
		}
	}
	return changed
}

// action runs the steps of the action and returns its outputs.
func (r *runner) action(with map[string]string) map[string]string {
	r.t.Helper()
	var action struct {
		Inputs  map[string]struct{ Default string }
		Outputs map[string]struct{ Value string }
		Runs    struct{ Steps []step }
	}
	r.parse(r.read("../../.github/actions/refgen/action.yml"), &action)

	values := map[string]string{"github.token": "secret"}
	for name, input := range action.Inputs {
		values["inputs."+name] = input.Default
	}
	for name, value := range with {
		values["inputs."+name] = value
	}

	temp := r.t.TempDir()
	paths, outputs := filepath.Join(temp, "paths"), filepath.Join(temp, "outputs")
	path := r.bin + ":" + os.Getenv("PATH")
	for _, s := range action.Runs.Steps {
		arch := map[string]string{"amd64": "X64", "arm64": "ARM64"}[runtime.GOARCH]
		env := []string{"PATH=" + path, "RUNNER_OS=Linux", "RUNNER_ARCH=" + arch, "RUNNER_TEMP=" + temp,
			"GITHUB_PATH=" + paths, "GITHUB_OUTPUT=" + outputs}
		for name, value := range s.Env {
			env = append(env, name+"="+r.expand(value, values))
		}
		write(r.t, outputs, "")
		if code := r.run(s.Run, env, "bash", "-e", "-o", "pipefail"); code != 0 {
			r.t.Fatalf("a step of the action fails with %d", code)
		}

		path = string(bytes.TrimSpace(r.read(paths))) + ":" + path
		for line := range strings.Lines(string(r.read(outputs))) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			values["steps."+s.ID+".outputs."+name] = value
		}
	}

	got := map[string]string{}
	for name, output := range action.Outputs {
		got[name] = r.expand(output.Value, values)
	}
	r.checkOutputs(got, filepath.Join(r.dir, values["inputs.out"]))
	return got
}

// checkOutputs compares outputs with what is live in an output directory.
func (r *runner) checkOutputs(got map[string]string, out string) {
	r.t.Helper()
	live, err := disk.Open(out)
	r.must(err)
	if got["commit"] != live.Manifest.Commit || got["release"] != filepath.Base(live.Dir) || len(got) != 3 {
		r.t.Errorf("the outputs are %q, of %s", got, live.Dir)
	}
}

var expression = regexp.MustCompile(`\$\{\{ (.+?) \}\}`)

// expand replaces expressions by their values.
func (r *runner) expand(text string, values map[string]string) string {
	r.t.Helper()
	return expression.ReplaceAllStringFunc(text, func(e string) string {
		value, ok := values[expression.FindStringSubmatch(e)[1]]
		if !ok {
			r.t.Errorf("no value for %s", e)
		}
		return value
	})
}
