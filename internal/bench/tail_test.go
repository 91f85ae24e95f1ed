package bench

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/release"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/synthetic"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// bareAddress makes this program the yardstick of [BenchmarkTail]: a server that answers
// from memory.
const bareAddress = "BENCH_BARE_ADDRESS"

// serveBare answers every request with as many bytes as a node's availability has.
func serveBare(address string) {
	body := bytes.Repeat([]byte("x"), 1000)
	_ = http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
	os.Exit(1)
}

// startBare runs the yardstick, and returns its address.
func startBare(b *testing.B) string {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	s := service{address: nginxtest.FreeAddress(b)}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), bareAddress+"="+s.address)
	start(b, cmd)
	s.await(b, "/")
	return s.address
}

// publishMany makes an output directory whose live release has so many nodes, as the live
// service reads it: copies of the nodes of a small release, without their own files.
func publishMany(b *testing.B, nodes int) (root string) {
	b.Helper()
	repo, err := gitrepo.Open(b.Context(), synthetic.Bundle(b, synthetic.Options{Nodes: 100, Commits: 4, Seed: 1}),
		gitrepo.Options{})
	if err != nil {
		b.Fatal(err)
	}

	s := treetest.Publish(b, repo, build.Options{})
	file := filepath.Join(s.Dir, route.AllNodes.File())
	text, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	remove(b, file)
	all := copies(b, text, nodes)
	other := bytes.Replace(all, []byte(`"wattmeter":false`), []byte(`"wattmeter":true`), 1)
	for name, text := range map[string][]byte{file: all, file + ".0": other, file + ".1": all} {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	return s.Root
}

// swap makes a release go live that differs from the last one in a node.
func swap(b *testing.B, root string, n int) {
	b.Helper()
	link := filepath.Join(root, disk.CurrentLink)
	dir, err := filepath.EvalSymlinks(link)
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(dir, route.AllNodes.File())
	move := func(make func(to string) error, to string) {
		if err := make(to + ".new"); err != nil {
			b.Error(err)
		} else if err := os.Rename(to+".new", to); err != nil {
			b.Error(err)
		}
	}
	move(func(to string) error { return os.Link(fmt.Sprintf("%s.%d", file, n%2), to) }, file)
	move(func(to string) error { return os.Symlink(dir, to) }, link)
}

// tails is how long answers took while something went on: ours, and those of a bare server
// that was asked in turn with us.
type tails struct{ ours, bare []time.Duration }

// at returns the times in ms within which a part of the answers came.
func (t tails) at(percent float64) (ours, bare float64) {
	of := func(took []time.Duration) float64 {
		return took[min(int(float64(len(took))*percent/100), len(took)-1)].Seconds() * 1e3
	}
	return of(t.ours), of(t.bare)
}

// askBoth asks a service and a bare server by turns for some time.
func askBoth(b *testing.B, address, bare string, perSecond int, lasting time.Duration, target func(i int) string) (t tails) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 10 * time.Second}
	one := func(url string) time.Duration {
		began := time.Now()
		res, err := client.Get(url)
		if err != nil {
			b.Error(err)
			return 0
		}
		_, err = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			b.Errorf("%s: %s, %v", url, res.Status, err)
		}
		return time.Since(began)
	}

	var mu sync.Mutex
	var wg sync.WaitGroup
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	end := time.After(lasting)
	for i := 0; ; i++ {
		select {
		case <-end:
			wg.Wait()
			slices.Sort(t.ours)
			slices.Sort(t.bare)
			return t
		case <-tick.C:
		}
		wg.Go(func() {
			var ours, other time.Duration
			if i%2 == 0 {
				ours, other = one("http://"+address+target(i)), one("http://"+bare+"/")
			} else {
				other, ours = one("http://"+bare+"/"), one("http://"+address+target(i))
			}
			mu.Lock()
			defer mu.Unlock()
			t.ours, t.bare = append(t.ours, ours), append(t.bare, other)
		})
	}
}

// BenchmarkTail says what syncs and releases do to answers: the 99th percentile of a
// node's availability, of a service that is left alone, that syncs all hosts, and that
// takes up releases. A bare server is asked in turn with it: its times are what the
// machine did.
func BenchmarkTail(b *testing.B) {
	bare := startBare(b)
	for _, nodes := range []int{5000, 50000} {
		b.Run(fmt.Sprintf("%d-nodes", nodes), func(b *testing.B) {
			root := publishMany(b, nodes)
			r, err := release.Open(root)
			if err != nil {
				b.Fatal(err)
			}
			sites := map[string][]string{}
			for i := range r.Nodes {
				sites[r.Nodes[i].Site] = append(sites[r.Nodes[i].Site], r.Nodes[i].UID)
			}
			target := func(i int) string {
				n := &r.Nodes[i*7919%len(r.Nodes)]
				if i%20 == 0 {
					return "/nodes/search?limit=20&gpu=true&site_id=" + n.Site
				}
				return "/sites/" + n.Site + "/clusters/" + n.Cluster + "/nodes/" + n.UID + "/availability"
			}

			calm := startService(b, root, sites, 200_000/nodes, time.Hour)
			busy := startService(b, root, sites, 200_000/nodes, 5*time.Second)
			for b.Loop() {
				measured := map[string]tails{}
				measured["alone"] = askBoth(b, calm.address, bare, tailRate, tailLasting, target)
				measured["syncs"] = askBoth(b, busy.address, bare, tailRate, tailLasting, target)

				stop, stopped := make(chan bool), make(chan bool)
				go func() {
					defer close(stopped)
					for n := 0; ; n++ {
						select {
						case <-stop:
							return
						case <-time.After(5 * time.Second):
							swap(b, root, n)
						}
					}
				}()
				measured["releases"] = askBoth(b, calm.address, bare, tailRate, tailLasting, target)
				close(stop)
				<-stopped

				for _, name := range []string{"alone", "syncs", "releases"} {
					t := measured[name]
					o50, b50 := t.at(50)
					o99, b99 := t.at(99)
					o999, b999 := t.at(99.9)
					last, bareLast := t.at(100)
					b.Logf("%-9s p50 %6.2f (bare %6.2f)  p99 %6.1f (%6.1f) times %.1f  p99.9 %6.1f (%6.1f)  last %6.1f (%6.1f) ms, %d answers",
						name, o50, b50, o99, b99, o99/b99, o999, b999, last, bareLast, len(t.ours))
				}
				for _, name := range []string{"syncs", "releases"} {
					ours, bare := measured[name].at(99)
					report(b, fmt.Sprintf("%d nodes, %s: p99 of a bare server", nodes, name), ours/bare,
						"%.1f ms, bare %.1f ms", ours, bare)
				}
			}
		})
	}
}

const (
	tailRate    = 200 // a second
	tailLasting = 20 * time.Second
)
