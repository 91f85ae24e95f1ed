package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/docs"
	"github.com/chameleoncloud/refapi/internal/nginxconf"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
)

// Requests are counted by the kind of client, those of old names too: by availapi in its
// metrics, and by the command of docs/moving.md in nginx's log.
func TestOldNamesAreCounted(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	p := b.start(t, settings)
	address := nginxtest.FreeAddress(t)
	conf, err := nginxconf.Render(nginxconf.Complete, nginxconf.Options{
		Root: b.tree.Root + "/current", Listen: []string{address}, Availapi: []string{p.address},
	})
	if err != nil {
		t.Fatal(err)
	}
	nginx := nginxtest.Start(t, strings.Replace(string(conf), " buffer=64k flush=1s", "", 1), address)

	const aliases = "/nodes/search?min_cores=2&sort=-cores"
	for _, request := range []struct{ path, agent string }{
		{"/sites", "python-requests/2.32.3"},
		{"/version", "python-requests/2.32.3"},
		{aliases, "python-requests/2.32.3"},
		{aliases, "keystoneauth1/5.1.2 python-requests/2.28.1 CPython/3.11.2"},
		{"/nodes/slots?count=1&hours=1&min_cores=2", `Mozilla/5.0 "quoted" (X11; Linux x86_64)`},
		{"/redoc", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
		{"/redoc/?a=b", "curl/7.88.1"},
		{"/hardware/node/" + na01, "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
		{"/hardware/node/" + na02 + "/", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
		{"/hardware/node/nope", "Mozilla/5.0"}, // 404
		{"/nodes/search?min_threads=2", "-"},
		{"/reference", "node"},
	} {
		get(t, address, request.path, "User-Agent", request.agent)
	}

	metrics := scrape(t, p.address)
	counted := map[string]float64{}
	for _, s := range slices.Concat(metrics["refapi_client_requests_total"], metrics["refapi_deprecated_requests_total"]) {
		if s.value > 0 {
			counted[strings.TrimSpace(s.labels["family"]+" "+s.labels["name"])] = s.value
		}
	}
	want := map[string]float64{
		"python-chi": 3, "browser": 1, "other": 1, // files come from nginx
		"python-chi min_cores": 2, "python-chi sort=cores": 2, "browser min_cores": 1,
	}
	if !maps.Equal(counted, want) {
		t.Errorf("availapi counted %v, want %v", counted, want)
	}

	const all = `1 browser /nodes/slots
1 crawler /redoc
1 curl /redoc/
2 browser /hardware/node/...
2 python-chi /nodes/search
`
	command := oldNames(t, nginx.Prefix)
	eventually(t, "the log has all requests", func() error { // nginx logs after it has answered
		out, err := exec.Command("sh", "-euc", command).Output()
		if got := sortedLines(string(out)); err != nil || got != all {
			return fmt.Errorf("the command of docs/moving.md prints (%v)\n%s, want\n%s", err, got, all)
		}
		return nil
	})
}

// oldNames is the command of docs/moving.md, for the log in a directory, of which there is
// an older one, compressed.
func oldNames(t *testing.T, dir string) string {
	t.Helper()
	source, err := fs.ReadFile(docs.FS, "moving.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?ms)^```sh\n(zcat .*?)^```$").FindSubmatch(source)
	if m == nil || !strings.Contains(string(m[1]), "/var/log/refapi/") {
		t.Fatal("docs/moving.md has no command that counts old names")
	}

	older := filepath.Join(dir, "nginx-access.log.2")
	line := `192.0.2.0 id [2026-11-29T00:00:00+00:00] "GET /sites HTTP/1.1" 200 5 0.000 - "curl/7.88.1" curl -` + "\n"
	if err := os.WriteFile(older, []byte(line), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("gzip", older).CombinedOutput(); err != nil {
		t.Fatal(errors.Join(err, errors.New(string(out))))
	}
	return strings.ReplaceAll(string(m[1]), "/var/log/refapi", dir)
}

// sortedLines sorts lines, without the blanks in front of them.
func sortedLines(text string) string {
	var all []string
	for line := range strings.Lines(text) {
		all = append(all, strings.TrimLeft(line, " "))
	}
	slices.Sort(all)
	return strings.Join(all, "")
}
