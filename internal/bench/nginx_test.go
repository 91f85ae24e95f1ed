package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
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

// Requests a second with our nginx.conf, against a minimal one and, where it
// is faster, one with sendfile and tcp_nopush.
func BenchmarkNginx(b *testing.B) {
	repo, err := gitrepo.Open(context.Background(), bundle(b), gitrepo.Options{})
	if err != nil {
		b.Fatal(err)
	}
	s := treetest.Publish(b, repo, build.Options{})
	ours := nginxtest.FreeAddress(b)
	conf, err := nginxconf.Render(nginxconf.Complete, nginxconf.Options{
		Nginx:  config.Default().Nginx,
		Root:   s.Dir,
		Listen: []string{ours},
	})
	if err != nil {
		b.Fatal(err)
	}
	text := strings.Replace(string(conf), "worker_processes auto", "worker_processes 1", 1)
	text = regexp.MustCompile(`access_log [^;]*;`).ReplaceAllString(text, "access_log off;")
	text = strings.Replace(text, "keepalive_requests 10000;", "keepalive_requests 1000000;", 1)
	nginxtest.Start(b, text, ours)
	plain, push := nginxtest.FreeAddress(b), nginxtest.FreeAddress(b)
	nginxtest.Start(b, fmt.Sprintf(minimal, plain, s.Dir, ""), plain)
	nginxtest.Start(b, fmt.Sprintf(minimal, push, s.Dir, "sendfile on; tcp_nopush on;"), push)

	const node = "/sites/uc/clusters/chameleon/nodes/03129bbe-330c-4591-bc17-96d7e15d3e74"
	for _, c := range []struct{ name, target, header string }{
		{"a node", node, ""},
		{"a 304", node, "If-None-Match: " + etag(b, ours, node)},
		{"a collection of 5 kB", "/sites", ""},
		{"a collection of 80 kB", "/sites/ncar/clusters/chameleon/nodes", ""},
		{"a collection of 600 kB", "/sites/tacc/clusters/chameleon/nodes", ""},
	} {
		b.Run(strings.ReplaceAll(c.name, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				var toPlain, toPush, rates []float64
				for range rounds {
					// In turn, so that a slow moment of the machine hits all.
					p, q, r := rate(b, plain, c.target, c.header), rate(b, push, c.target, c.header), rate(b, ours, c.target, c.header)
					toPlain, toPush, rates = append(toPlain, r/p), append(toPush, r/q), append(rates, r)
				}
				claim(b, "nginx, "+c.name+": of a minimal configuration", median(toPlain), false, 0.95,
					"%.0f a second; of one with sendfile and tcp_nopush %.2f", median(rates), median(toPush))
			}
		})
	}
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

// rate asks for a second, over 16 connections.
func rate(b *testing.B, address, target, header string) float64 {
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
	m := perSecond.FindSubmatch(out)
	if m == nil {
		b.Fatalf("wrk: cannot read %s", out)
	}
	n, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}
