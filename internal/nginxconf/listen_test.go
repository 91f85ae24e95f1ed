package nginxconf

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// check has nginx read a configuration, as a user with the file limit of a login
// shell, and returns its output.
func check(t *testing.T, conf []byte) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("nginx"); err != nil {
		t.Fatal("nginx is needed: apt-get install nginx libnginx-mod-http-brotli-static, or run `make test`")
	}

	dir := t.TempDir()
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, conf, 0o644); err != nil {
		t.Fatal(err)
	}

	out, err := exec.Command("sh", "-c", `ulimit -S -n 1024; exec nginx -t -p "$1" -c "$2" -e stderr`, "sh", dir,
		file).CombinedOutput()
	return string(out), err
}

// Whatever form of address is accepted, nginx accepts what is printed for it.
// The ports are bound while nginx reads: they are high ones, and of the loopback
// where the form has a host.
func TestListen(t *testing.T) {
	t.Parallel()
	socket := "unix:" + filepath.Join(t.TempDir(), "refapi.sock")
	for name, tt := range map[string]struct{ given, want []string }{
		"port":       {[]string{"42180"}, []string{"0.0.0.0:42180"}},
		"colon port": {[]string{":42181"}, []string{"0.0.0.0:42181"}},
		"any":        {[]string{"*:42182"}, []string{"*:42182"}},
		"IPv4":       {[]string{"127.0.0.1:42183"}, []string{"127.0.0.1:42183"}},
		"IPv6":       {[]string{"[::1]:42184"}, []string{"[::1]:42184"}},
		"any IPv6":   {[]string{"[::]:42185"}, []string{"[::]:42185"}},
		"name":       {[]string{"localhost:42186"}, []string{"localhost:42186"}},
		"socket":     {[]string{socket}, []string{socket}},
		"both":       {[]string{"42187", "[::]:42187"}, []string{"0.0.0.0:42187", "[::]:42187"}},
		"several": {[]string{"127.0.0.1:42188", "127.0.0.1:42189", socket},
			[]string{"127.0.0.1:42188", "127.0.0.1:42189", socket}},
		"highest port": {[]string{"127.0.0.1:65535"}, []string{"127.0.0.1:65535"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if l, err := net.Listen("tcp", "[::1]:0"); err == nil {
				l.Close()
			} else if strings.Contains(strings.Join(tt.given, " "), "[") {
				t.Skipf("this machine has no IPv6: %v", err)
			}

			o := options()
			o.Listen = tt.given
			conf, err := Render(Complete, o)
			if err != nil {
				t.Fatal(err)
			}

			var got []string
			for _, m := range regexp.MustCompile(`(?m)^ +listen (.*);$`).FindAllStringSubmatch(string(conf), -1) {
				got = append(got, m[1])
			}

			if strings.Join(got, " ") != strings.Join(tt.want, " ") {
				t.Errorf("nginx listens on %q, want %q", got, tt.want)
			}
			if out, err := check(t, conf); err != nil || strings.Contains(out, "warn") {
				t.Errorf("nginx: %v\n%s", err, out)
			}
		})
	}
}

// What nginx would refuse is refused with a sentence.
func TestListenRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                     "HOST:PORT",
		"localhost":                            "HOST:PORT",
		"::1:80":                               "brackets",
		"[::1]":                                "HOST:PORT",
		"[::1:80":                              "HOST:PORT",
		"0":                                    `invalid port "0": want 1 to 65535`,
		"127.0.0.1:":                           `invalid port ""`,
		"127.0.0.1:65536":                      `invalid port "65536"`,
		"99999":                                `invalid port "99999"`,
		"127.0.0.1:http":                       `invalid port "http"`,
		"127.0.0.1:+80":                        `invalid port "+80"`,
		"127.0.0.1:80-90":                      `invalid port "80-90"`,
		"127.0.0.1:80 ssl":                     `invalid port "80 ssl"`,
		"300.1.1.1:80":                         "neither a host name nor an IP address",
		"127.0.0.1;:80":                        "neither a host name nor an IP address",
		"$host:80":                             "neither a host name nor an IP address",
		"[fe80::1%eth0]:80":                    "neither a host name nor an IP address",
		"http://localhost:80":                  "HOST:PORT",
		"unix:":                                "absolute path",
		"unix:run/s":                           "absolute path",
		"unix:/run/":                           "absolute path",
		"unix:/run/a b":                        "character",
		"unix:/run/a;b":                        "character",
		"unix:/" + strings.Repeat("x", 107):    "at most 107 bytes, this one has 108",
		"127.0.0.1:8000\nload_module evil.so:": "HOST:PORT",
	} {
		o := options()
		o.Listen = []string{text}
		if _, err := Render(Complete, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: the error is %v, want one with %q", text, err, want)
		}

		o = options()
		o.Availapi = []string{text}
		if _, err := Render(Complete, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("availapi at %q: the error is %v, want one with %q", text, err, want)
		}
	}

	for _, twice := range [][]string{{"8000", "*:8000"}, {"8000", "0.0.0.0:8000"}, {"[::1]:80", "[0::1]:80"},
		{"unix:/a", "unix:/a"}} {
		o := options()
		o.Listen = twice
		if _, err := Render(Complete, o); err == nil || !strings.Contains(err.Error(), "are the same") {
			t.Errorf("%q: the error is %v, want one that says that they are the same", twice, err)
		}
	}
}

// Connections run out before files do: only then does nginx close idle ones for
// new ones.
func TestOpenFiles(t *testing.T) {
	t.Parallel()
	conf, err := Render(Complete, options())
	if err != nil {
		t.Fatal(err)
	}

	value := func(directive string) int {
		m := regexp.MustCompile(`(?m)^ *` + directive + ` (\d+);$`).FindStringSubmatch(string(conf))
		if m == nil {
			t.Fatalf("nginx.conf has no %s", directive)
		}

		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}

		return n
	}
	if files, connections := value("worker_rlimit_nofile"), value("worker_connections"); files < 2*connections {
		t.Errorf("nginx may open %d files, and have %d connections, which need two each", files, connections)
	}
	if out, err := check(t, conf); err != nil || strings.Contains(out, "warn") {
		t.Errorf("nginx: %v\n%s", err, out)
	}
}
