package nginxconf

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
)

var update = flag.Bool("update", false, "rewrite the expected files")

func options() Options {
	return Options{
		Root: "public/current", Listen: []string{"127.0.0.1:8000"}, Availapi: []string{"127.0.0.1:8001"}, SliceDir: "slices/limit-500",
		Brotli: true, Modules: "/usr/lib/nginx/modules", Connections: 500, Rate: 200, Burst: 1000, MaxBody: "64k",
	}
}

// The nginx.conf at the top of the project is what the defaults print.
func TestTopLevelFile(t *testing.T) {
	t.Parallel()
	got, err := Render(Whole, options())
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
		"no brotli":  func(o *Options) { o.Brotli = false },
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
			conf, err := Render(Whole, o)
			if err != nil {
				t.Fatal(err)
			}
			s := nginxtest.Start(t, string(conf), address)
			if log := s.ErrorLog(); log != "" {
				t.Errorf("nginx complains:\n%s", log)
			}
			// Nothing lies outside the prefix.
			for _, name := range []string{"nginx.pid", "nginx-access.log", "nginx-client-body", "nginx-proxy"} {
				if _, err := os.Stat(filepath.Join(s.Prefix, name)); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// The two parts work in a configuration of somebody else's.
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

// What the table says reaches nginx: each static list can be sliced, each live
// route is live, each shape has its own 404.
func TestEveryRouteIsThere(t *testing.T) {
	t.Parallel()
	conf, err := Render(Whole, options())
	if err != nil {
		t.Fatal(err)
	}
	section := func(from, to string) string {
		_, rest, ok := strings.Cut(string(conf), from)
		if !ok {
			t.Fatalf("no %q", from)
		}
		part, _, _ := strings.Cut(rest, to)
		return part
	}
	slices := section("map $refapi_part$uri $refapi_slice", "}")
	live := section("What depends on now", "refapi_refused")
	missing := section("map $refapi_refused$uri $refapi_missing", "\n    }")
	for _, r := range route.All() {
		re := expression(r.Pattern)
		if got := strings.Contains(slices, "|"+re+"|") || strings.Contains(slices, "(?:"+re+"|") || strings.Contains(slices, "|"+re+")"); got != r.Sliced() {
			t.Errorf("%s is sliced: %v", r.Name, got)
		}
		if got := strings.Contains(live, re+"|") || strings.Contains(live, re+")"); got != (r.Live) {
			t.Errorf("%s is live: %v", r.Name, got)
		}
		if !r.Live && r.NotFoundDetail != route.NotFound && !strings.Contains(missing, `"~^0`+re) {
			t.Errorf("%s has no 404 of its own", r.Name)
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
		"no availapi": func(o *Options) { o.Availapi = nil },
		"bad address": func(o *Options) { o.Availapi = []string{"127.0.0.1"} },
		"bad proxy":   func(o *Options) { o.TrustedProxies = []string{"10.0.0.1; return 200"} },
	} {
		o := options()
		edit(&o)
		if _, err := Render(Whole, o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
