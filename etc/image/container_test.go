package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// contain runs a command as a container engine does: in namespaces of its own for mounts and
// processes, with a read-only root, the volumes and /tmp to write to, and as the image's user.
const contain = `
mount --bind "$ROOT" "$ROOT"
for volume in $VOLUMES; do mount --bind "$DATA$volume" "$ROOT$volume"; done
mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mount -o remount,bind,ro "$ROOT"
root=$ROOT user=$USER_AND_GROUP
unset ROOT VOLUMES DATA USER_AND_GROUP PWD OLDPWD SHLVL
exec setpriv --no-new-privs chroot --userspec="$user" --groups= "$root" "$@"`

// container is an image whose files are extracted.
type container struct {
	root, data string
	config     v1.Config
}

func newContainer(t *testing.T) *container {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("not root: the image's root file system is not run in namespaces")
	}
	if text, err := exec.Command("unshare", "--mount", "--pid", "--fork", "true").CombinedOutput(); err != nil {
		t.Skipf("no namespaces here: %v: %s", err, text)
	}

	image := images(t, makeLayout(t, compile(t), runtime.GOARCH))["linux/"+runtime.GOARCH]
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}

	c := &container{root: t.TempDir(), data: t.TempDir(), config: config.Config}
	extract(t, image, c.root)
	// t.TempDir's are for their owner only.
	if err := os.Chmod(c.root, 0o755); err != nil {
		t.Fatal(err)
	}

	for _, dir := range []string{"/proc", "/dev"} { // engines make these
		if err := os.MkdirAll(c.root+dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for volume := range config.Config.Volumes { // and volumes as they are in the image
		if err := os.MkdirAll(c.data+volume, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(c.data+volume, user, user); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// command is a command in the container. Its environment is the image's, and env.
func (c *container) command(env []string, args ...string) *exec.Cmd {
	cmd := exec.Command("unshare", append([]string{"--mount", "--pid", "--fork", "--kill-child=TERM",
		"--propagation", "private", "--", "/bin/sh", "-ec", contain, "sh"}, args...)...)
	var dirs []string
	for volume := range c.config.Volumes {
		dirs = append(dirs, volume)
	}
	cmd.Env = append(append(c.config.Env, env...), "ROOT="+c.root, "DATA="+c.data, "VOLUMES="+strings.Join(dirs, " "),
		"USER_AND_GROUP="+c.config.User)
	for i, e := range cmd.Env { // of the shell, which is not in the image
		if strings.HasPrefix(e, "PATH=") {
			cmd.Env[i] += ":/bin"
		}
	}
	return cmd
}

// output is what a process writes to a pipe that the image's user may open, as engines see to.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) pipe(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Chown(user, user); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(o, r) }()
	return w
}

// start runs a command of the container until the test ends, and returns its first process.
func (c *container) start(t *testing.T, env []string, args ...string) (out *output, stop func() error) {
	t.Helper()
	out = &output{}
	pipe := out.pipe(t)
	cmd := c.command(env, args...)
	cmd.Stdout, cmd.Stderr = pipe, pipe
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pipe.Close()

	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	stop = sync.OnceValue(func() error {
		child, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", cmd.Process.Pid))
		if err != nil {
			return <-done // it has ended
		}
		var pid int
		if _, err := fmt.Sscan(string(child), &pid); err != nil {
			return <-done
		}
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			return err
		}
		return <-done
	})
	t.Cleanup(func() {
		_ = stop()
		if t.Failed() {
			t.Logf("%s:\n%s", args[0], out)
		}
	})
	return out, stop
}

// answer asks until the server is there.
func answer(t *testing.T, url string, out *output) (string, string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(url)
		if err == nil {
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			return resp.Status, string(body)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v\n%s", err, out)
		}
	}
}

// ready waits until a release is served.
func ready(t *testing.T, url string, out *output) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		status, _ := answer(t, url, out)
		if status == "200 OK" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is %s\n%s", url, status, out)
		}
	}
}

// freePort is a port where nothing listens, below those of outgoing connections.
func freePort(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := strconv.Itoa(10_000 + rand.IntN(20_000))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// The three programs of the image publish and serve the sample with a root that cannot be
// written, as a user without a name or a privilege, configured by their environment and by a
// file.
func TestContainer(t *testing.T) {
	t.Parallel()
	c := newContainer(t)

	if text, err := c.command([]string{"REFERENCE_API_OUT=/srv/public"}, "refgen", "build", "--sample").CombinedOutput(); err == nil ||
		!strings.Contains(string(text), "read-only file system") && !strings.Contains(string(text), "permission denied") {
		t.Errorf("refgen build writes to the root: %v\n%s", err, text)
	}

	live, web, watch := freePort(t), freePort(t), freePort(t)
	base := "http://127.0.0.1:" + web
	liveEnv := []string{"AVAILAPI_HOST=127.0.0.1", "AVAILAPI_PORT=" + live}
	watchOut, _ := c.start(t, []string{"REFERENCE_API_WATCH_LISTEN=127.0.0.1:" + watch}, "refgen", "watch", "--sample")
	webOut, stopWeb := c.start(t, []string{"REFERENCE_API_HOST=127.0.0.1", "REFERENCE_API_PORT=" + web},
		"refapi", "nginx", "--availapi", "127.0.0.1:"+live)

	ready(t, "http://127.0.0.1:"+watch+"/-/ready", watchOut)
	expect(t, base+"/sites", webOut, "200 OK", `"uid":"north"`)
	expect(t, base+"/availability", webOut, "503 Service Temporarily Unavailable", "Live data is not available")
	if info, err := os.Lstat(c.data + "/var/lib/refapi/public/current"); err != nil {
		t.Error(err)
	} else if owner := info.Sys().(*syscall.Stat_t).Uid; owner != user {
		t.Errorf("what is published belongs to user %d, want %d", owner, user)
	}

	// Without sites, and then with one, of a file.
	liveOut, stopLive := c.start(t, liveEnv, "availapi")
	ready(t, "http://127.0.0.1:"+live+"/-/ready", liveOut)
	expect(t, base+"/availability", webOut, "200 OK", `"total":0`)
	if err := stopLive(); err != nil {
		t.Errorf("availapi, told to end: %v", err)
	}
	config := "[availability.sites.north]\nbackend = \"demo\"\n"
	if err := os.WriteFile(filepath.Join(c.root, "etc/refapi/config.toml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	liveOut, _ = c.start(t, liveEnv, "availapi")
	ready(t, "http://127.0.0.1:"+live+"/-/ready", liveOut)
	expect(t, base+"/availability", webOut, "200 OK", `"north"`)

	health(t, c, base+"/sites", 0)
	health(t, c, "http://127.0.0.1:"+live+"/-/ready", 0)
	health(t, c, base+"/none", 1)

	if err := stopWeb(); err != nil {
		t.Errorf("nginx, told to end: %v", err)
	}
	if log := webOut.String(); !strings.Contains(log, "GET /sites") {
		t.Errorf("the access log is not what the container writes:\n%s", log)
	}
}

func expect(t *testing.T, url string, out *output, status, body string) {
	t.Helper()
	if gotStatus, got := answer(t, url, out); gotStatus != status || !strings.Contains(got, body) {
		t.Errorf("%s is %s, want %s with %s\n%s", url, gotStatus, status, body, got)
	}
}

func health(t *testing.T, c *container, url string, want int) {
	t.Helper()
	cmd := c.command(nil, "refapi", "health", url)
	if text, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != want {
		t.Errorf("refapi health %s exits with %d, want %d\n%s", url, cmd.ProcessState.ExitCode(), want, text)
	}
}
