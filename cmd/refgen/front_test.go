package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
)

// refgen runs the command line as the guide has it, and returns what it prints.
func refgen(t *testing.T, line string) (code int, printed string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	empty := filepath.Join(t.TempDir(), "config.toml")
	write(t, empty, "")
	args := append([]string{"--config", empty}, strings.Fields(line)[1:]...)
	code = run(t.Context(), args, &stdout, &stderr, func(string) string { return "" })
	return code, stdout.String() + stderr.String()
}

// published runs the commands that build a tree and print nginx's configuration,
// starts nginx with it, and returns its address.
func published(t *testing.T, commands string) (address string) {
	t.Helper()

	// Not t.TempDir: nginx's workers are another user, whom its parents keep out.
	dir, err := os.MkdirTemp("", "front-*")
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}

	address = nginxtest.FreeAddress(t)
	commands = strings.NewReplacer("/srv/refapi", dir, "127.0.0.1:8000", address,
		"--repo https://github.com/ChameleonCloud/reference-repository", "--sample -q").Replace(commands)
	for line := range strings.SplitSeq(strings.TrimSpace(commands), "\n") {
		line, _, toFile := strings.Cut(line, " > ")
		code, printed := refgen(t, line)
		if code != cli.ExitOK {
			t.Fatalf("%s: exit code %d\n%s", line, code, printed)
		}
		if toFile {
			nginxtest.Start(t, printed, address)
		}
	}

	return address
}

// frontNginx is the configuration of a second nginx around locations.
func frontNginx(address, locations string) string {
	return `pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
    server {
        listen ` + address + `;
` + locations + `
    }
}
`
}

// start runs a front until the test ends, and waits until it listens.
func start(t *testing.T, address string, cmd *exec.Cmd) {
	t.Helper()
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: run `make test`, which installs what is missing", err)
	}

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-ended
	})

	for {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v\n%s", cmd.Path, err, &output)
		case <-t.Context().Done():
			t.Fatalf("%s does not listen\n%s", cmd.Path, &output)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// The fronts of the guide hand on what the guide says that nginx wants: every
// link, redirect and header leads to what is there.
func TestFrontsOfTheGuide(t *testing.T) {
	t.Parallel()
	all := blocks(t, "operating.md", "https://example.org")
	var commands []string
	configurations := map[string]string{}

	for _, b := range all {
		switch {
		case b.language == "sh" && strings.Contains(b.text, "/testbed"):
			commands = append(commands, b.text)
		default:
			configurations[b.language] = b.text
		}
	}

	if len(commands) != 3 || configurations["nginx"] == "" || configurations["caddyfile"] == "" ||
		configurations["haproxy"] == "" {
		t.Fatalf("the guide has %d commands for fronts, want 3, and the configurations %q", len(commands),
			configurations)
	}

	whole, cutOff, verify := commands[0], commands[1], commands[2]

	verified := func(t *testing.T, front string) {
		t.Helper()
		line := strings.TrimSpace(strings.ReplaceAll(verify, "https://example.org", "http://"+front))
		if code, printed := refgen(t, line); code != cli.ExitOK || !strings.Contains(printed, " 0 faults") {
			t.Errorf("%s: exit code %d\n%s", line, code, printed)
		}
	}

	t.Run("nginx", func(t *testing.T) {
		t.Parallel()
		front := nginxtest.FreeAddress(t)
		locations := strings.ReplaceAll(configurations["nginx"], "127.0.0.1:8000", published(t, whole))
		nginxtest.Start(t, frontNginx(front, locations), front)
		verified(t, front)
	})

	t.Run("nginx that cuts off", func(t *testing.T) {
		t.Parallel()
		front := nginxtest.FreeAddress(t)
		nginxtest.Start(t, frontNginx(front, cutting(published(t, cutOff))), front)
		verified(t, front)
	})

	t.Run("Caddy", func(t *testing.T) {
		t.Parallel()
		front, file := nginxtest.FreeAddress(t), filepath.Join(t.TempDir(), "Caddyfile")
		write(t, file, "{\n\tadmin off\n}\n"+
			strings.NewReplacer("127.0.0.1:8000", published(t, whole), "example.org",
				"http://"+front).Replace(configurations["caddyfile"]))

		caddy := exec.Command("caddy", "run", "--config", file, "--adapter", "caddyfile")
		caddy.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_DATA_HOME=", "XDG_CONFIG_HOME=")
		start(t, front, caddy)
		verified(t, front)
	})

	t.Run("HAProxy", func(t *testing.T) {
		t.Parallel()
		front, file := nginxtest.FreeAddress(t), filepath.Join(t.TempDir(), "haproxy.cfg")
		write(t, file, "defaults\n    mode http\n    timeout connect 60s\n    timeout client 60s\n    timeout server 60s\n\n"+
			strings.NewReplacer("127.0.0.1:8000", published(t, whole), "example.org:80",
				front).Replace(configurations["haproxy"]))
		start(t, front, exec.Command("haproxy", "-db", "-f", file))
		verified(t, front)
	})
}

// At another address than the published one, what names that is the same site.
func TestVerifyAtAnotherAddress(t *testing.T) {
	t.Parallel()
	address := published(t, "refgen build --sample -q --out /srv/refapi --base-url https://api.example.org --absolute-links\n"+
		"refgen nginx --out /srv/refapi --listen 127.0.0.1:8000 > f")
	if code, printed := refgen(t, "refgen verify http://"+address); code != cli.ExitOK ||
		!strings.Contains(printed, " 0 faults") {
		t.Errorf("exit code %d\n%s", code, printed)
	}
}

// cutting are the locations of a front that hands requests on without /testbed.
func cutting(address string) string {
	return "location = /testbed { proxy_pass http://" + address + "/; }\nlocation /testbed/ { proxy_pass http://" +
		address + "/; }"
}

// A front that is not set as the tree and nginx are is found out, and the report
// says what to set.
func TestWrongFronts(t *testing.T) {
	t.Parallel()
	const build, nginx = "refgen build --sample -q --out /srv/refapi", "\nrefgen nginx --out /srv/refapi --listen 127.0.0.1:8000"
	for name, tt := range map[string]struct {
		commands string
		prefix   string // that clients ask with
		want     []string
	}{
		"no prefix": {build + nginx + " > f", "/testbed", []string{
			"index.json: error: links point to /sites, which is not below /testbed: build with --path-prefix /testbed",
			"redirects point to /hardware, which is not below /testbed: print nginx.conf with --path-prefix /testbed",
			"links in the header Link point to /openapi.json, which is not below /testbed: print nginx.conf with --path-prefix /testbed",
		}},
		"another prefix": {build + " --path-prefix /test" + nginx + " > f", "/testbed", []string{
			"links point to /test/sites, which is not below /testbed: build with --path-prefix /testbed",
		}},
		"in the tree alone": {build + " --path-prefix /testbed" + nginx + " > f", "/testbed", []string{
			"redirects point to /hardware, which is not below /testbed",
			"links in the header Link point to /openapi.json, which is not below /testbed",
		}},
		"not behind the front": {build + " --path-prefix /testbed" + nginx + " > f", "", []string{
			"links point to /testbed/sites, which is not there: the tree is built for /testbed and requested at /",
		}},
		"absolute links to elsewhere": {build + " --base-url https://api.example.org --absolute-links" + nginx +
			" > f", "/testbed", []string{
			"redirects point to /hardware, which is not below /testbed",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := published(t, tt.commands)
			front := nginxtest.FreeAddress(t)
			nginxtest.Start(t, frontNginx(front, cutting(address)), front)

			if tt.prefix == "" {
				front = address
			}

			code, printed := refgen(t, "refgen verify http://"+front+tt.prefix+"/")
			if code != cli.ExitFailed {
				t.Errorf("exit code %d, want %d", code, cli.ExitFailed)
			}

			for _, want := range tt.want {
				if !strings.Contains(printed, want) {
					t.Errorf("the report lacks %q:\n%s", want, printed)
				}
			}

			if faults := strings.Count(printed, "error: "); faults > 4 {
				t.Errorf("one setting is told %d times:\n%s", faults, printed)
			}
		})
	}

	if code, printed := refgen(t, "refgen verify http://127.0.0.1:1/?x=1"); code != cli.ExitUsage ||
		!strings.Contains(printed, "is not the URL of a server") {
		t.Errorf("no URL: exit code %d\n%s", code, printed)
	}
}
