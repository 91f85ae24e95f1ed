package upgrade_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/gittest"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
)

// site is an installation: a repository, an output directory, nginx, and several availapi.
type site struct {
	*testing.T
	repo    *gittest.Repo
	dir     string // of the output directory, the configuration and all state
	address string
	nginx   *nginxtest.Server
	live    []*instance
	readers *readers
	commits int
}

// instance is an availapi.
type instance struct {
	address, state, log string
	cmd                 *exec.Cmd
}

// configuration has only keys that every release knows.
const configuration = `
[nginx]
rate = 10000
burst = 10000

[availability]
poll_interval_seconds = 10

[availability.sites.s]
backend = "demo"
`

// install publishes a first commit with the programs of a directory, and serves it.
func install(t *testing.T, programs string, instances int) *site {
	t.Helper()
	dir, err := os.MkdirTemp("", "upgrade-*") // not t.TempDir, whose parents keep nginx out
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })

	s := &site{T: t, repo: gittest.Init(t), dir: dir, address: nginxtest.FreeAddress(t)}
	s.must(os.Chmod(dir, 0o755))
	s.must(os.WriteFile(s.path("config.toml"), []byte(configuration), 0o644))
	s.readers = newReaders(t, s.address)
	s.commit()
	s.publish(programs)
	for n := range instances {
		i := &instance{address: nginxtest.FreeAddress(t), state: s.path(fmt.Sprintf("state-%d", n)), log: s.path(fmt.Sprintf("log-%d", n))}
		s.live = append(s.live, i)
		s.start(i, programs)
		t.Cleanup(func() { s.stop(i) })
	}
	s.nginx = nginxtest.Start(t, s.configureNginx(programs), s.address)
	s.readers.openPages()
	s.readers.start()
	s.readers.settle()
	return s
}

func (s *site) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

// commit changes every node, so that an answer with nodes of two commits is noticed.
func (s *site) commit() {
	s.Helper()
	s.commits++
	mark := fmt.Sprintf("mark-%d", s.commits)
	s.repo.Write("tb/tb.json", `{"uid": "tb", "type": "grid"}`)
	s.repo.Write("tb/sites/s/s.json", `{"uid": "s", "type": "site"}`)
	s.repo.Write("tb/sites/s/clusters/c/c.json", `{"uid": "c", "type": "cluster"}`)
	for n := range 30 {
		s.repo.Write(fmt.Sprintf("tb/sites/s/clusters/c/nodes/n%02d.json", n),
			fmt.Sprintf(`{"uid": "n%02d", "type": "node", "node_name": "n%02d", "node_type": "%s"}`, n, n, mark))
	}
	commit := s.repo.Commit("change all nodes")
	s.readers.mu.Lock()
	s.readers.commits[commit] = mark
	s.readers.mu.Unlock()
}

// refgen runs a command of a program, and returns its exit code.
func (s *site) refgen(programs string, args ...string) (code int, printed string) {
	s.Helper()
	cmd := exec.Command(filepath.Join(programs, "refgen"), append([]string{"--config", s.path("config.toml")}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		s.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// run runs a command that must succeed.
func (s *site) run(programs string, args ...string) string {
	s.Helper()
	code, out := s.refgen(programs, args...)
	if code != 0 {
		s.Fatalf("%s/refgen %s: exit code %d\n%s", programs, strings.Join(args, " "), code, out)
	}
	return out
}

// publish publishes the newest commit.
func (s *site) publish(programs string) {
	s.Helper()
	s.run(programs, "build", "--repo", s.repo.Dir, "--out", s.path("public"), "--keep", "10")
}

// refuseNewKeys checks that a program says which keys of a newer configuration it does not
// know, before it does anything: without `hidden`, it would publish what must not be public.
func (s *site) refuseNewKeys(programs string) {
	s.Helper()
	s.must(os.WriteFile(s.path("newer.toml"), []byte(configuration+"\n[privacy]\nhidden = [\"/serial\"]\n"), 0o644))
	code, printed := s.refgen(programs, "build", "--config", s.path("newer.toml"), "--repo", s.repo.Dir, "--out", s.path("public"))
	if code != 1 || !strings.Contains(printed, `unknown key "privacy"`) {
		s.Errorf("a newer configuration: exit code %d, %s", code, printed)
	}
}

// compareCold compares what is live with what a program makes from nothing.
func (s *site) compareCold(programs string) {
	s.Helper()
	cold := s.TempDir()
	s.run(programs, "build", "--repo", s.repo.Dir, "--out", cold)
	got, err := os.ReadFile(s.path("public/current/manifest.json"))
	s.must(err)
	want, err := os.ReadFile(filepath.Join(cold, "current/manifest.json"))
	s.must(err)
	if string(got) != string(want) {
		s.Errorf("%s: on top of what was there it makes\n%s\nfrom nothing\n%s", programs, got, want)
	}
}

// configureNginx returns the configuration that a program prints.
func (s *site) configureNginx(programs string) string {
	s.Helper()
	var live []string
	for _, i := range s.live {
		live = append(live, i.address)
	}
	return s.run(programs, "nginx", "--out", s.path("public"), "--listen", s.address, "--availapi", strings.Join(live, ","))
}

// reloadNginx gives nginx the configuration that a program prints.
func (s *site) reloadNginx(programs string) {
	s.Helper()
	s.must(os.WriteFile(filepath.Join(s.nginx.Prefix, "nginx.conf"), []byte(s.configureNginx(programs)), 0o644))
	s.nginx.Reload(s)
	s.readers.settle()
}

// start starts an availapi, and waits until it is ready.
func (s *site) start(i *instance, programs string) {
	s.Helper()
	log, err := os.OpenFile(i.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	s.must(err)
	defer log.Close()

	host, port, _ := strings.Cut(i.address, ":")
	i.cmd = exec.Command(filepath.Join(programs, "availapi"), "--config", s.path("config.toml"), "--host", host, "--port", port,
		"--tree", s.path("public"), "--state-dir", i.state)
	i.cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	i.cmd.Stdout, i.cmd.Stderr = log, log
	s.must(i.cmd.Start())
	wait(s.T, "availapi is ready: "+i.log, func() bool {
		res, err := http.Get("http://" + i.address + "/-/ready")
		if err == nil {
			res.Body.Close()
		}
		return err == nil && res.StatusCode == http.StatusOK
	})
}

// stop ends an availapi as systemd does.
func (s *site) stop(i *instance) {
	s.Helper()
	s.must(i.cmd.Process.Signal(syscall.SIGTERM))
	if err := i.cmd.Wait(); err != nil {
		s.Errorf("availapi ended: %v", err)
	}
}

// replace replaces an availapi by that of other programs, on the same last-known data.
func (s *site) replace(i *instance, programs string) {
	s.Helper()
	s.stop(i)
	s.start(i, programs)
	s.readers.settle()
}

// checkLogs fails for what an availapi could not read, or had no use for.
func (s *site) checkLogs() {
	s.Helper()
	for _, i := range s.live {
		text, err := os.ReadFile(i.log)
		s.must(err)
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, "level=WARN") || strings.Contains(line, "level=ERROR") {
				s.Errorf("%s: %s", i.log, line)
			}
		}
	}
}
