package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/test/gittest"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/webhook"
)

// The longer form is `make test-watch`.
var (
	watchCommits = flag.Int("commits", 3, "commits that readers see pass by")
	watchRate    = flag.Int("rate", 100, "their requests a second")
	watchReal    = flag.Bool("real", false, "follow the real repositories, too")
)

const webhookSecret = "a secret of the test"

// followed is a repository that refgen watch follows, behind nginx.
type followed struct {
	bare    string // where people push to
	out     string
	address string // of nginx
	watch   string // of refgen watch
	log     *output
}

// followRepository starts all that an operator runs, with the configuration that the operator
// writes, until the test ends.
func followRepository(t *testing.T, bare string) *followed {
	t.Helper()
	server := httptest.NewServer(gittest.Backend(t, filepath.Dir(bare)))
	t.Cleanup(server.Close)

	// Not t.TempDir: nginx's workers are another user, whom its parents keep out.
	dir, err := os.MkdirTemp("", "watch-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}

	f := &followed{bare: bare, out: filepath.Join(dir, "public"), address: nginxtest.FreeAddress(t),
		watch: nginxtest.FreeAddress(t), log: &output{}}
	config := filepath.Join(t.TempDir(), "config.toml")
	write(t, filepath.Join(filepath.Dir(config), "webhook"), webhookSecret+"\n")
	write(t, config, fmt.Sprintf(`
[reference]
repo = "%s/%s"
[publish]
out = "%s"
keep = 100
[server]
listen = ["%s"]
[nginx]
connections = 0
[watch]
every_seconds = 3600
listen = ["%s"]
webhook_secret_file = "webhook"
`, server.URL, filepath.Base(bare), f.out, f.address, f.watch))

	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--config", config, "watch")
	cmd.Env = append(gittest.Environ(), asRefgen+"=1", "XDG_CACHE_HOME="+t.TempDir())
	cmd.Stdout, cmd.Stderr = f.log, f.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		if err := cmd.Wait(); err != nil || t.Failed() {
			t.Errorf("refgen watch ended: %v\n%s", err, f.log)
		}
	})

	var conf bytes.Buffer
	if code := run(t.Context(), []string{"--config", config, "nginx"}, &conf, &conf, os.Getenv); code != 0 {
		t.Fatal(&conf)
	}
	nginxtest.Start(t, conf.String(), f.address)
	f.await(t, gittest.Run(t, bare, "rev-parse", "HEAD"))

	return f
}

// await waits until nginx serves a commit.
func (f *followed) await(t *testing.T, commit string) {
	t.Helper()
	for ctx := t.Context(); ctx.Err() == nil; {
		res, err := http.Get("http://" + f.address + "/")
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, err = body.ReadFrom(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(body.String(), commit) {
			return
		}
		if strings.Contains(f.log.String(), "build failed") {
			t.Fatal(f.log)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// push pushes, reports it as GitHub does, and returns how long it takes until nginx serves
// what was pushed.
func (f *followed) push(t *testing.T, work string, refspec string) time.Duration {
	t.Helper()
	commit := gittest.Run(t, work, "rev-parse", strings.Split(refspec, ":")[0])
	began := time.Now()
	gittest.Run(t, work, "push", "--quiet", f.bare, refspec)

	body := fmt.Sprintf(`{"after": %q}`, commit)
	mac := hmac.New(sha256.New, []byte(webhookSecret))
	mac.Write([]byte(body))
	req, err := http.NewRequest(http.MethodPost, "http://"+f.address+webhook.Path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-GitHub-Event", "push")
	req.Header.Set("X-GitHub-Delivery", commit[:8])
	req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		t.Fatalf("the webhook answers %s", res.Status)
	}

	f.await(t, commit)
	return time.Since(began)
}

// sampleRepository is the sample with a work tree, and a bare repository to push to.
func sampleRepository(t *testing.T) (work *gittest.Repo, bare string) {
	t.Helper()
	work = gittest.Init(t)
	bundle, err := filepath.Abs("../../internal/sample/testbed.bundle")
	if err != nil {
		t.Fatal(err)
	}
	work.Git("pull", "--quiet", bundle, "main")
	bare = filepath.Join(t.TempDir(), "ref.git")
	work.Git("clone", "--quiet", "--bare", ".", bare)
	return work, bare
}

// While commits are pushed, each answer is wholly of one release, and none is an error.
func TestWatchUnderReaders(t *testing.T) {
	t.Parallel()
	work, bare := sampleRepository(t)
	f := followRepository(t, bare)

	files := strings.Fields(work.Git("ls-files"))
	node := files[slices.IndexFunc(files, func(name string) bool { return strings.Contains(name, "/nodes/") })]
	text, err := os.ReadFile(work.Path(node))
	if err != nil {
		t.Fatal(err)
	}

	r := startReaders(t, f.address, *watchRate)
	var worst time.Duration
	for n := range *watchCommits {
		work.Write(node, strings.Replace(string(text), "{", fmt.Sprintf(`{"counted": %d,`, n), 1))
		work.Commit(fmt.Sprint("Count ", n))
		took := f.push(t, work.Dir, "HEAD:main")
		worst = max(worst, took)
	}

	r.stop()
	r.compare(t, f.out)
	t.Logf("%d commits, the slowest was served after %v; %d requests, %d different answers of %d releases",
		*watchCommits, worst.Round(time.Millisecond), r.requests, len(r.answers), r.releases)
}

// From a push to the new answer, with the commits that people made.
func TestWatchRealRepositories(t *testing.T) {
	if !*watchReal {
		t.Skip("the real repositories take minutes: `make test-watch` follows them")
	}
	for _, bundle := range []string{treetest.Bundle, treetest.Grid5000Bundle} {
		t.Run(bundle, func(t *testing.T) {
			work, bare := t.TempDir(), filepath.Join(t.TempDir(), "ref.git")
			gittest.Run(t, work, "clone", "--quiet", "--bare", realData(t, bundle), work)
			gittest.Run(t, work, "init", "--quiet", "--bare", "--initial-branch=main", bare)
			gittest.Run(t, work, "push", "--quiet", bare, "HEAD~"+strconv.Itoa(*watchCommits)+":refs/heads/main")

			f := followRepository(t, bare)
			for n := *watchCommits - 1; n >= 0; n-- {
				took := f.push(t, work, fmt.Sprintf("HEAD~%d:refs/heads/main", n))
				t.Logf("served after %v", took.Round(time.Millisecond))
			}
		})
	}
}

// releaseFile is a file as a release has it.
type releaseFile struct{ etag, sum string }

// released returns what nginx may answer for a path, from the releases that were kept.
func released(t *testing.T, out, file string) (found map[releaseFile]bool) {
	t.Helper()
	found = map[releaseFile]bool{}
	dirs, err := filepath.Glob(filepath.Join(out, "releases", "*"))
	if err != nil {
		t.Fatal(err)
	}

	for _, dir := range dirs {
		for _, name := range []string{file, file + tree.GzipSuffix} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				continue
			}
			body, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(body)
			found[releaseFile{fmt.Sprintf(`"%x-%x"`, info.ModTime().Unix(), info.Size()), string(sum[:])}] = true
		}
	}

	return found
}
