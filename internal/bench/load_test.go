package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// service is a running availapi.
type service struct {
	address string
	pid     int
}

// startService runs availapi over the real tree, with sites whose Blazars have
// hosts with reservations.
func startService(b *testing.B, root string, sites map[string][]string, each int, poll time.Duration) service {
	b.Helper()
	program := filepath.Join(b.TempDir(), "availapi")
	if out, err := exec.Command("go", "build", "-o", program, "../../cmd/availapi").CombinedOutput(); err != nil {
		b.Fatalf("build availapi: %v\n%s", err, out)
	}

	entries := map[string]string{}
	config := fmt.Sprintf("[availapi]\nstate_dir = %q\n[availability]\npoll_interval_seconds = %d\n"+
		"max_hosts = 100000\nmax_answer_mib = 512\n", b.TempDir(), int(poll.Seconds()))
	for id, nodes := range sites {
		cloud := blazartest.NewCloud(b)
		hosts, allocations := rows(b, nodes, each)
		// Encoded once: only availapi is to work.
		cloud.Fail(blazartest.Hosts, blazartest.JSON(hosts))
		cloud.Fail(blazartest.Allocations, blazartest.JSON(allocations))
		entries[id] = cloud.Entry()
		config += fmt.Sprintf("[availability.sites.%s]\ncloud = %q\n", id, id)
	}

	name := filepath.Join(b.TempDir(), "config.toml")
	if err := os.WriteFile(name, []byte(config), 0o600); err != nil {
		b.Fatal(err)
	}

	s := service{address: nginxtest.FreeAddress(b)}
	_, port, _ := strings.Cut(s.address, ":")
	cmd := exec.Command(program, "--config", name, "--tree", root, "--host", "127.0.0.1", "--port", port)
	cmd.Env = append(os.Environ(), "OS_CLIENT_CONFIG_FILE="+blazartest.WriteClouds(b, entries))
	start(b, cmd)
	s.pid = cmd.Process.Pid
	for id := range sites {
		s.await(b, "/sites/"+id+"/availability")
	}

	return s
}

// start runs a program until the benchmark ends.
func start(b *testing.B, cmd *exec.Cmd) {
	b.Helper()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// rows are what Blazar says of nodes.
func rows(b *testing.B, nodes []string, each int) (hosts, allocations string) {
	b.Helper()
	const layout = "2006-01-02T15:04:05.000000"
	var data blazartest.Data

	for i, h := range made(nodes, each, time.Now()).Hosts {
		data.Hosts = append(data.Hosts, blazartest.Host(strconv.Itoa(i), h.Node))
		var reservations []any
		for _, r := range h.Reservations {
			reservations = append(reservations,
				blazartest.Reservation(r.Start.Std().Format(layout), r.End.Std().Format(layout)))
		}
		data.Allocations = append(data.Allocations, blazartest.Allocation(strconv.Itoa(i), reservations...))
	}

	encode := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			b.Fatal(err)
		}
		return string(text)
	}

	return encode(map[string]any{"hosts": data.Hosts}), encode(map[string]any{"allocations": data.Allocations})
}

// await asks until there is a good answer.
func (s service) await(b *testing.B, target string) {
	b.Helper()
	ctx, stop := context.WithTimeout(b.Context(), 3*time.Minute)
	defer stop()

	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()

	for {
		if res, err := http.Get("http://" + s.address + target); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-ctx.Done():
			b.Fatalf("%s has no good answer", target)
		case <-tick.C:
		}
	}
}

// resident is the memory that the service has, in bytes, and the most it had.
func (s service) resident(b *testing.B) (now, peak float64) {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		b.Fatal(err)
	}

	read := func(name string) float64 {
		m := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(text)
		if m == nil {
			b.Fatalf("no %s in %s", name, text)
		}

		n, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil {
			b.Fatal(err)
		}

		return n * 1024
	}

	return read("VmRSS"), read("VmHWM")
}

// load asks for targets by turns, so often a second, and returns how long the
// answers took, sorted.
func load(b *testing.B, address string, perSecond int, lasting time.Duration,
	target func(i int) string) []time.Duration {
	b.Helper()
	client := &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64},
		Timeout:   10 * time.Second,
	}

	var mu sync.Mutex
	var wg sync.WaitGroup
	var took []time.Duration
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()

	end := time.After(lasting)
	for i := 0; ; i++ {
		select {
		case <-end:
			wg.Wait()
			slices.Sort(took)
			return took
		case <-tick.C:
		}
		wg.Go(func() {
			r, err := http.NewRequest(http.MethodGet, "http://"+address+target(i), nil)
			if err != nil {
				b.Error(err)
				return
			}

			r.Header.Set("Accept-Encoding", "gzip")
			began := time.Now()
			res, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}

			_, err = io.Copy(io.Discard, res.Body)
			res.Body.Close()

			if err != nil || res.StatusCode != http.StatusOK {
				b.Errorf("%s: %s, %v", r.URL, res.Status, err)
			}

			mu.Lock()
			defer mu.Unlock()

			took = append(took, time.Since(began))
		})
	}
}

// What large syncs do to answers, and how much memory the service takes.
func BenchmarkService(b *testing.B) {
	repo, err := gitrepo.Open(b.Context(), bundle(b), gitrepo.Options{})
	if err != nil {
		b.Fatal(err)
	}

	root := treetest.Publish(b, repo, build.Options{}).Root
	c, err := release.Open(root)
	if err != nil {
		b.Fatal(err)
	}

	nodes := map[string][]string{}
	for i := range c.Nodes {
		nodes[c.Nodes[i].Site] = append(nodes[c.Nodes[i].Site], c.Nodes[i].UID)
	}

	// As dashboards and scripts ask: mostly for nodes, sometimes for all.
	random := rand.New(rand.NewPCG(3, 4))
	mixed := func(i int) string {
		n := c.Nodes[i*7919%len(c.Nodes)]
		switch i % 100 {
		case 0:
			return "/nodes/search"
		case 1, 2, 3:
			return "/nodes/search?gpu=true&site_id=" + n.Site
		case 4:
			return "/availability"
		case 5:
			return "/nodes/slots?gpu=true&hours=12&count=2"
		}

		return "/sites/" + n.Site + "/clusters/" + n.Cluster + "/nodes/" + n.UID + "/availability"
	}

	b.Run("large-sync", func(b *testing.B) {
		all := map[string][]string{"elsewhere": nil}
		for i := range 10000 {
			all["elsewhere"] = append(all["elsewhere"], fmt.Sprintf("%08x-%04x", random.Uint32(), i))
		}

		for id := range nodes {
			all[id] = nodes[id]
		}

		s := startService(b, root, all, 20, 5*time.Second)
		for b.Loop() {
			took := load(b, s.address, 1000, 20*time.Second, mixed)
			_, peak := s.resident(b)
			report(b, "10,000 hosts, 200,000 reservations: ms of p99", took[len(took)*99/100].Seconds()*1e3,
				"%d answers, the median in %.2f ms, the last in %.0f ms; a sync every 5 s; at most %.0f MB resident",
				len(took), took[len(took)/2].Seconds()*1e3, took[len(took)-1].Seconds()*1e3, peak/1e6)
		}
	})

	b.Run("memory", func(b *testing.B) {
		s := startService(b, root, nodes, 20, 10*time.Second)
		for b.Loop() {
			took := load(b, s.address, 1000, time.Minute, mixed)
			now, peak := s.resident(b)
			report(b, "a minute of 1,000 requests a second: MB resident", now/(1<<20),
				"at most %.0f MB; %d answers, p99 %.2f ms",
				peak/(1<<20), len(took), took[len(took)*99/100].Seconds()*1e3)
		}
	})
}
