package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/chameleoncloud/refapi/internal/ops"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
)

// unitSetting is the value of a setting in the unit.
func unitSetting(t testing.TB, expression string) string {
	t.Helper()
	unit, err := os.ReadFile("../../etc/availapi.service")
	if err != nil {
		t.Fatal(err)
	}

	m := regexp.MustCompile(`(?m)^` + expression + `$`).FindSubmatch(unit)
	if m == nil {
		t.Fatalf("etc/availapi.service has no %s", expression)
	}

	return string(m[1])
}

// cgroup is a control group with a memory limit, of either version.
type cgroup struct{ dir, peak string }

// newCgroup makes one below that of the test, or skips the test.
func newCgroup(t testing.TB, limit int) *cgroup {
	t.Helper()
	name := fmt.Sprintf("refapi-test-%d-%s", os.Getpid(), filepath.Base(t.Name()))
	var why error

	for _, c := range []struct{ parent, limit, peak string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.max_usage_in_bytes"},
		{"/sys/fs/cgroup", "memory.max", "memory.peak"},
	} {
		dir := filepath.Join(c.parent, name)
		if why = os.Mkdir(dir, 0o755); why != nil {
			continue
		}

		t.Cleanup(func() {
			// The kernel lets go of a process a little after it has ended.
			eventually(t, "the control group can be removed", func() error { return os.Remove(dir) })
		})

		if _, why = os.Stat(filepath.Join(dir, c.limit)); why != nil {
			continue
		}
		if why = os.WriteFile(filepath.Join(dir, c.limit), []byte(strconv.Itoa(limit)), 0o644); why == nil {
			return &cgroup{dir, filepath.Join(dir, c.peak)}
		}
	}

	t.Skipf("a control group with a memory limit cannot be made here, which needs root: %v", why)
	return nil
}

// command runs a program in the group, from its first instant.
func (c *cgroup) command(program string, args ...string) *exec.Cmd {
	script := `echo $$ > "$0/cgroup.procs" && exec "$@"`
	return exec.Command("sh", append([]string{"-c", script, c.dir, program}, args...)...)
}

// huge answers with rows of a list, up to a length.
func huge(list, row string, length int) http.HandlerFunc {
	many := strings.Repeat(row+",", 1+(64<<10)/len(row))
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"%s":[`, list)
		for n := 0; n < length; n += len(many) {
			if _, err := w.Write([]byte(many)); err != nil {
				return // the client has enough
			}
		}
		fmt.Fprintf(w, `%s]}`, row)
	}
}

// badSites are clouds whose answers are as large as they may be, or larger.
func badSites(t testing.TB) []*blazartest.Cloud {
	t.Helper()
	endless, rows, valid := blazartest.NewCloud(t), blazartest.NewCloud(t), blazartest.NewCloud(t)
	endless.Fail(blazartest.Hosts, blazartest.Endless(`{"hosts":[`, `{"id":"1","hypervisor_hostname":"n"},`, 0))
	rows.Fail(blazartest.Hosts, huge("hosts", `{}`, 63<<20))
	valid.Set(blazartest.Data{Hosts: []any{blazartest.Host("1", "n")}})
	reservation := `{"id":"0f8a2a3c-6f5d-4bd8-a5f4-4d1d4b3a7b10","start_date":"2099-01-01T00:00:00.000000","end_date":"2099-01-02T00:00:00.000000"}`
	valid.Fail(blazartest.Allocations,
		huge("allocations", `{"resource_id":"1","reservations":[`+strings.Repeat(reservation+",", 100)+reservation+
			`]}`, 60<<20))

	return []*blazartest.Cloud{endless, rows, valid}
}

// Sites with the largest answers harm no other: within the unit's memory the
// program goes on, and the good site is asked as ever.
func TestLargeAnswersWithinTheUnitsMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program and sends it hundreds of MB")
	}

	megabytes, err := strconv.Atoi(unitSetting(t, `MemoryMax=(\d+)M`))
	if err != nil {
		t.Fatal(err)
	}

	// The test binary may have the race detector in it, which takes memory.
	program := filepath.Join(t.TempDir(), "availapi")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}

	bad := badSites(t)
	group := newCgroup(t, megabytes<<20)
	b := newTestbed(t)
	entries, config := map[string]string{"chi_north": b.north.Entry()}, "[availability]\npoll_interval_seconds = 1\nhosts_every_polls = 1\n[availability.sites]\nnorth = { cloud = \"chi_north\" }\n"

	for i, cloud := range bad {
		entries[fmt.Sprintf("bad%d", i)] = cloud.Entry()
		config += fmt.Sprintf("bad%d = { cloud = \"bad%d\" }\n", i, i)
	}

	b.clouds = blazartest.WriteClouds(t, entries)
	env := map[string]string{"GOMEMLIMIT": unitSetting(t, `Environment=GOMEMLIMIT=(\S+)`)}
	args := append(b.config(t, config), "--port", "0")
	c := b.spawnCommand(t, env, group.command(program, args...))

	eventually(t, "all sites are asked several times", func() error {
		metrics, err := ask(http.MethodGet, c.address, ops.MetricsPath, "")
		if err != nil {
			return err
		}

		for i := range bad {
			if err := counted3(metrics.body, fmt.Sprintf("bad%d", i)); err != nil {
				return err
			}
		}

		return counted3(metrics.body, "north")
	})

	if err := status(c.address, "/sites/north/availability", http.StatusOK); err != nil {
		t.Error(err)
	}
	if err := c.log.has(`level=WARN msg="sync failed" site=bad0 reason=too_large`); err != nil {
		t.Error(err)
	}
	if err := c.log.has(`site=north reason=`); err == nil {
		t.Errorf("the good site failed\n%s", c.log)
	}

	peak, err := os.ReadFile(group.peak)
	if err != nil && !errors.Is(err, os.ErrNotExist) { // Linux before 5.19
		t.Error(err)
	}

	t.Logf("with %d bad sites the program took up to %s bytes", len(bad), strings.TrimSpace(string(peak)))
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}

	if err := <-c.ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// counted3 reports whether a site was asked three times.
func counted3(metrics, site string) error {
	m := regexp.MustCompile(`(?m)^refapi_sync_duration_seconds_count\{site="` + site +
		`"\} (\d+)$`).FindStringSubmatch(metrics)
	if m == nil {
		return fmt.Errorf("%s was never asked", site)
	}
	if n, err := strconv.Atoi(m[1]); err != nil || n < 3 {
		return fmt.Errorf("%s was asked %s times", site, m[1])
	}

	return nil
}
