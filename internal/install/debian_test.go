package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// release is the Debian that the package is installed in.
const release = "bookworm"

// Beyond what Debian always has: what operators have, and the guide types.
const tools = "systemd,systemd-sysv,dbus,ca-certificates,curl,openssl,rsync"

// debian is a fresh Debian: its systemd has booted in namespaces, without a network.
type debian struct {
	leader string // process id of its init, outside
}

// base is the directory of a Debian that nothing has touched, made when it is not in the
// cache: with the packages that ours needs downloaded, not installed.
func base(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "refapi", "debian-"+release)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}

	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), "new-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(work) })
	run(t, nil, "debootstrap", "--variant=minbase", "--include="+tools, release, work)
	run(t, nil, "chroot", work, "apt-get", "update")
	run(t, nil, "chroot", work, "apt-get", "install", "--yes", "--download-only",
		"nginx", "libnginx-mod-http-brotli-static", "git", "logrotate")
	if err := os.Chmod(work, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(work, dir); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	return dir
}

// boot boots a Debian, which is gone after the test. What it writes is in memory. Its
// directories are some of this machine: PATH:PATH THERE.
func boot(t *testing.T, directories ...string) *debian {
	t.Helper()
	args := []string{"--quiet", "--directory=" + base(t), "--volatile=overlay", "--private-network",
		"--register=no", "--keep-unit", "--machine=refapi-install", "--console=pipe"}
	for _, d := range directories {
		args = append(args, "--bind="+d)
	}

	var console strings.Builder
	nspawn := exec.Command("systemd-nspawn", append(args, "--boot")...)
	nspawn.Stdout, nspawn.Stderr = &console, &console
	if err := nspawn.Start(); err != nil {
		t.Fatal(err)
	}
	pid := nspawn.Process.Pid
	d := &debian{}
	t.Cleanup(func() {
		if d.leader != "" {
			exec.Command("kill", "-KILL", d.leader).Run()
		} else {
			nspawn.Process.Kill()
		}
		nspawn.Wait()
	})

	for range 600 {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
		if err != nil {
			break
		}
		if children := strings.Fields(string(text)); len(children) > 0 {
			d.leader = children[0]
			out, _ := d.try(t.Context(), "systemctl is-system-running --wait")
			if slices.Contains([]string{"running", "degraded"}, strings.TrimSpace(out)) {
				return d
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("systemd does not boot:\n%s", console.String())
	return nil
}

// home is where the guide is typed.
const home = "/root/guide"

// try types commands as root, at a shell that stops at the first failure.
func (d *debian) try(ctx context.Context, commands string) (string, error) {
	cmd := exec.CommandContext(ctx, "nsenter", "-t", d.leader, "-m", "-u", "-i", "-n", "-p", "--",
		"bash", "-euo", "pipefail", "-c", "cd "+home+" 2>/dev/null || cd /\n"+commands)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
		"LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "SYSTEMD_PAGER=", "TERM=dumb"}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// run types commands, which must succeed.
func (d *debian) run(t *testing.T, commands string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	out, err := d.try(ctx, commands)
	if err != nil {
		log, _ := d.try(t.Context(), "journalctl --no-pager --lines 30 --output cat "+
			"-u refgen -u availapi -u refapi-nginx -u refapi.target; ls -la /var/lib/refapi")
		t.Fatalf("%v:\n%s\nprints\n%s\nThe log ends with\n%s", err, commands, out, log)
	}
	return out
}

// until types a command, which is true in the end.
func (d *debian) until(t *testing.T, command string) {
	t.Helper()
	d.run(t, "for i in $(seq 300); do if "+command+"; then exit 0; fi; sleep 0.2; done; exit 1")
}
