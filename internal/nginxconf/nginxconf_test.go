package nginxconf

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/templates"
)

var update = flag.Bool("update", false, "rewrite the expected files")

// options are what `refgen nginx` prints without flags.
func options() Options { return Options{Nginx: config.Default().Nginx} }

// The nginx.conf at the top of the project is what the defaults print.
func TestTopLevelFile(t *testing.T) {
	t.Parallel()
	got, err := Render(Complete, options())
	if err != nil {
		t.Fatal(err)
	}

	const file = "../../nginx.conf"
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	if string(got) != string(want) {
		t.Error("nginx.conf is not what `refgen nginx` prints: run `make golden` and look at the difference")
	}
}

// Every choice gives a file that nginx accepts.
func TestNginxAccepts(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*Options){
		"defaults":   func(*Options) {},
		"no brotli":  func(o *Options) { o.NoBrotli = true },
		"prefix":     func(o *Options) { o.PathPrefix = "/ref"; o.Base = "/ref" },
		"several":    func(o *Options) { o.Availapi = []string{"127.0.0.1:8001", "127.0.0.1:8002", "[::1]:8003"} },
		"proxies":    func(o *Options) { o.TrustedProxies = []string{"10.0.0.0/8", "::1", "unix:"} },
		"everything": func(o *Options) { o.MaxBody = "1m"; o.Rate = 1; o.Burst = 0; o.PathPrefix = "/a/b" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options()
			address := nginxtest.FreeAddress(t)
			o.Listen = []string{address}
			edit(&o)
			conf, err := Render(Complete, o)
			if err != nil {
				t.Fatal(err)
			}

			s := nginxtest.Start(t, string(conf), address)
			if log := s.ErrorLog(); log != "" {
				t.Errorf("nginx complains:\n%s", log)
			}

			// All files of nginx are below the prefix.
			for _, name := range []string{"nginx.pid", "nginx-access.log", "nginx-client-body", "nginx-proxy"} {
				if _, err := os.Stat(filepath.Join(s.Prefix, name)); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// The two parts work within another configuration.
func TestInclude(t *testing.T) {
	t.Parallel()
	o := options()
	httpPart, err := Render(HTTP, o)
	if err != nil {
		t.Fatal(err)
	}

	serverPart, err := Render(Server, o)
	if err != nil {
		t.Fatal(err)
	}

	dir, err := os.MkdirTemp("", "include-*")
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, text := range map[string][]byte{"http.conf": httpPart, "server.conf": serverPart} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	address := nginxtest.FreeAddress(t)
	conf := strings.NewReplacer("DIR", dir, "ADDRESS", address).Replace(`
load_module /usr/lib/nginx/modules/ngx_http_brotli_static_module.so;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
    include DIR/http.conf;
    server {
        listen ADDRESS;
        include DIR/server.conf;
        location /somebody/elses/ { return 200; }
    }
}
`)

	nginxtest.Start(t, conf, address)
}

// table is a map of the printed configuration, read back.
type table struct {
	otherwise string
	rows      []tableRow
}

type tableRow struct {
	regexp *regexp.Regexp
	value  string
}

func readTable(t *testing.T, conf, variable string) (tab table) {
	t.Helper()
	_, rest, ok := strings.Cut(conf, " "+variable+" {\n")
	if !ok {
		t.Fatalf("no map of %s", variable)
	}

	text, _, _ := strings.Cut(rest, "\n    }")
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.Trim(strings.TrimSpace(line), ";"), " ")
		key = strings.Trim(key, `"`)
		if value = strings.Trim(value, ` "`); key == "default" {
			tab.otherwise = value
			continue
		}
		tab.rows = append(tab.rows, tableRow{regexp.MustCompile(strings.TrimPrefix(key, "~")), value})
	}

	return tab
}

func (tab table) lookup(key string) string {
	for _, r := range tab.rows {
		if r.regexp.MatchString(key) {
			return r.value
		}
	}
	return tab.otherwise
}

// The map of routes says of every path what the table of routes says of it, also
// where a name is a word of the table's.
func TestMapAgreesWithRoutes(t *testing.T) {
	t.Parallel()
	out, err := Render(Complete, options())
	if err != nil {
		t.Fatal(err)
	}

	routes := readTable(t, string(out), "$refapi_route")
	words := []string{"x", "x.json", "HEAD", "abcdef1", "changes.feed.json"}
	patterns := []string{string(route.LegacyNodePath)}
	for _, r := range route.All() {
		patterns = append(patterns, r.Pattern)
	}

	for p := range route.Pages() {
		patterns = append(patterns, string(p))
	}

	isParam := func(segment string) bool { return strings.HasPrefix(segment, "{") }
	for _, p := range patterns {
		for word := range strings.SplitSeq(p, "/") {
			if word != "" && !isParam(word) {
				words = append(words, word)
			}
		}
	}

	const seed = 1
	random := rand.New(rand.NewPCG(seed, 0))
	for range 30_000 {
		// A pattern whose parameters are words, and now and then a word that is another.
		segments := strings.Split(patterns[random.IntN(len(patterns))], "/")
		for i := range segments {
			if i > 0 && (isParam(segments[i]) || random.IntN(8) == 0) {
				segments[i] = words[random.IntN(len(words))]
			}
		}

		path := strings.Join(segments, "/")
		if random.IntN(4) == 0 {
			path += ".json"
		}

		var want string
		_, redirects := route.Redirect(path, path)
		if id, _, ok := route.Match(route.WithoutSuffix(path)); ok {
			want = routeValue(id.Get())
		} else if redirects || route.IsPage(path) {
			want = pageValue()
		}

		if got := routes.lookup("0" + path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}

		// A slash at the end changes whether it redirects, not what it is.
		_, redirects = route.Redirect(path+"/", path+"/")
		if got := routes.lookup("0" + path + "/"); path != "/" && (got != "") != redirects {
			t.Errorf("%s/ is %q, and whether it redirects is %v", path, got, redirects)
		}
	}
}

// An operator reads the file in a terminal.
func TestLinesAreShort(t *testing.T) {
	t.Parallel()
	const most = 160
	conf, err := Render(Complete, options())
	if err != nil {
		t.Fatal(err)
	}

	source, err := templates.FS.ReadFile("nginx.conf.tmpl")
	if err != nil {
		t.Fatal(err)
	}

	for line := range strings.Lines(string(conf) + string(source)) {
		if len(line) > most {
			t.Errorf("more than %d columns: %s", most, line)
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*Options){
		"semicolon":   func(o *Options) { o.Root = "/srv; daemon off" },
		"brace":       func(o *Options) { o.PathPrefix = "/a{b}" },
		"variable":    func(o *Options) { o.Root = "/srv/$host" },
		"quote":       func(o *Options) { o.Base = `https://a"b` },
		"newline":     func(o *Options) { o.MaxBody = "1m\nload_module x" },
		"no port":     func(o *Options) { o.Listen = []string{"localhost"} },
		"bad address": func(o *Options) { o.Availapi = []string{"127.0.0.1"} },
		"bad proxy":   func(o *Options) { o.TrustedProxies = []string{"10.0.0.1; return 200"} },
	} {
		o := options()
		edit(&o)
		if _, err := Render(Complete, o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
