package bench

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/nginxconf"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// minimal is the least that serves the same files: nginx's defaults.
const minimal = `load_module /usr/lib/nginx/modules/ngx_http_brotli_static_module.so;
worker_processes 1;
pid nginx.pid;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
    types { application/json json; }
    server {
        listen %s;
        root %s;
        keepalive_requests 1000000;
        gzip_static on;
        brotli_static on;
        %s
        location / { try_files $uri.json $uri $uri/index.html =404; }
    }
}
`

// The processor time of nginx's worker for an answer, with our nginx.conf against a
// minimal one; and, to know, against one with sendfile and tcp_nopush. Processor
// time is what limits a worker, and others on the machine change it least.
func BenchmarkNginx(b *testing.B) {
	repo, err := gitrepo.Open(b.Context(), bundle(b), gitrepo.Options{})
	if err != nil {
		b.Fatal(err)
	}

	dir := treetest.Publish(b, repo, build.Options{}).Dir
	ours := startNginx(b, func(address string) string { return measured(b, dir, address) })
	plain := startNginx(b, func(address string) string { return fmt.Sprintf(minimal, address, dir, "") })
	push := startNginx(b, func(address string) string {
		return fmt.Sprintf(minimal, address, dir, "sendfile on; tcp_nopush on;")
	})

	const node = "/sites/uc/clusters/chameleon/nodes/03129bbe-330c-4591-bc17-96d7e15d3e74"
	for _, c := range []struct{ name, target, header string }{
		{"a node", node, ""},
		{"a 304", node, "If-None-Match: " + etag(b, ours.address, node)},
		{"a collection of 5 kB", "/sites", ""},
		{"a collection of 80 kB", "/sites/ncar/clusters/chameleon/nodes", ""},
		{"a collection of 600 kB", "/sites/tacc/clusters/chameleon/nodes", ""},
	} {
		b.Run(strings.ReplaceAll(c.name, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				var toPlain, toPush, costs []float64
				for range 2 * rounds {
					// In turn, so that a slow moment of the machine hits all.
					p, q, r := plain.cost(b, c.target, c.header), push.cost(b, c.target, c.header), ours.cost(b,
						c.target, c.header)
					toPlain, toPush, costs = append(toPlain, p/r), append(toPush, q/r), append(costs, r)
				}

				report(b, "nginx, "+c.name+": of a minimal configuration", median(toPlain),
					"%.1f µs an answer; of one with sendfile and tcp_nopush %.2f", median(costs), median(toPush))
			}
		})
	}
}

// measured is our nginx.conf with one worker, and without what a measurement would
// fill a disk with or run into.
func measured(b *testing.B, dir, address string) string {
	b.Helper()
	conf, err := nginxconf.Render(nginxconf.Complete, nginxconf.Options{
		Nginx:  config.Default().Nginx,
		Root:   dir,
		Listen: []string{address},
	})
	if err != nil {
		b.Fatal(err)
	}

	text := strings.Replace(string(conf), "worker_processes auto", "worker_processes 1", 1)
	text = regexp.MustCompile(`access_log [^;]*;`).ReplaceAllString(text, "access_log off;")
	return strings.Replace(text, "keepalive_requests 10000;", "keepalive_requests 1000000;", 1)
}

// worker is an nginx with one worker.
type worker struct {
	address string
	pid     string
}

func startNginx(b *testing.B, conf func(address string) string) worker {
	b.Helper()
	w := worker{address: nginxtest.FreeAddress(b)}
	s := nginxtest.Start(b, conf(w.address), w.address)
	pid, err := os.ReadFile(filepath.Join(s.Prefix, "nginx.pid"))
	if err != nil {
		b.Fatal(err)
	}

	master := strings.TrimSpace(string(pid))
	children, err := os.ReadFile("/proc/" + master + "/task/" + master + "/children")
	if err != nil {
		b.Fatal(err)
	}
	if w.pid = strings.TrimSpace(string(children)); w.pid == "" || strings.Contains(w.pid, " ") {
		b.Fatalf("nginx has the workers %q, want one", w.pid)
	}

	return w
}

// processor is the processor time that the worker has used, in nanoseconds.
func (w worker) processor(b *testing.B) float64 {
	b.Helper()
	text, err := os.ReadFile("/proc/" + w.pid + "/schedstat")
	if err != nil {
		b.Fatal(err)
	}

	first, _, _ := strings.Cut(string(text), " ")
	n, err := strconv.ParseFloat(first, 64)
	if err != nil {
		b.Fatal(err)
	}

	return n
}

var requests = regexp.MustCompile(`(\d+) requests in`)

// cost is the processor time of an answer, in microseconds.
func (w worker) cost(b *testing.B, target, header string) float64 {
	b.Helper()
	before := w.processor(b)
	out := ask(b, w.address, target, header)
	used := w.processor(b) - before
	return used / 1e3 / find(b, requests, out)
}

func etag(b *testing.B, address, target string) string {
	b.Helper()
	res, err := http.Get("http://" + address + target)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()

	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		b.Fatal(err)
	}

	return res.Header.Get("ETag")
}

var perSecond = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)

// rate is how many requests a second are answered.
func rate(b *testing.B, address, target, header string) float64 {
	b.Helper()
	return find(b, perSecond, ask(b, address, target, header))
}

// ask asks for a second, over 16 connections, and returns what wrk says.
func ask(b *testing.B, address, target, header string) string {
	b.Helper()
	args := []string{"-t1", "-c16", "-d1s"}
	if header != "" {
		args = append(args, "-H", header)
	}

	out, err := exec.Command("wrk", append(args, "http://"+address+target)...).Output()
	if err != nil {
		b.Fatalf("wrk: %v", err)
	}
	if strings.Contains(string(out), "Non-2xx") && header == "" {
		b.Fatalf("wrk: %s", out)
	}

	return string(out)
}

// find is the number in what wrk says.
func find(b *testing.B, number *regexp.Regexp, text string) float64 {
	b.Helper()
	m := number.FindStringSubmatch(text)
	if m == nil {
		b.Fatalf("wrk: cannot read %s", text)
	}

	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		b.Fatal(err)
	}

	return n
}
