package clients

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/npmtest"
)

// root is the project's.
const root = "../../.."

// command runs in a folder and must succeed. It returns what the command prints.
func command(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(args, " "), err, out, &stderr)
	}
	return string(out)
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// What generators make of the document compiles under strict settings, works, and
// still works when the API has grown.
func TestGeneratedClients(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "refgen")
	command(t, root, nil, "go", "build", "-o", program, "./cmd/refgen")
	server := serve(t, program)
	document := get(t, server+"/openapi.json")
	printed := command(t, root, nil, program, "openapi", "--sample", "--base-url", server)
	if printed != string(document) {
		t.Error("refgen openapi prints another document than the one that is served")
	}

	grown := httptest.NewServer(grow(t, server))
	t.Cleanup(grown.Close)
	servers := []string{server, grown.URL}

	t.Run("Go", func(t *testing.T) {
		t.Parallel()
		goClients(t, document, servers)
	})
	t.Run("TypeScript", func(t *testing.T) {
		t.Parallel()
		typeScriptClients(t, document, servers)
	})
}

func goClients(t *testing.T, document []byte, servers []string) {
	dir := t.TempDir()
	env := Module(t, root, dir)
	write(t, filepath.Join(dir, "openapi.json"), document)
	run := func(args ...string) { command(t, dir, env, args...) }

	run("go", "tool", "oapi-codegen", "-generate", "types,client", "-package", "api",
		"-o", "oapicodegen/api/client.go", "openapi.json")
	run("go", "tool", "ogen", "--config", "ogen.yaml", "--target", "ogen/api", "--package", "api", "openapi.json")
	run("go", "vet", "./...")
	run("go", "build", "-o", "bin/", "./...")

	for _, name := range []string{"oapicodegen", "ogen"} {
		calls(t, name, servers, "", func(t *testing.T, server string) string {
			return command(t, dir, env, filepath.Join(dir, "bin", name), server)
		})
	}
}

func typeScriptClients(t *testing.T, document []byte, servers []string) {
	modules := npmtest.Modules(t, root)
	dir, env := t.TempDir(), npmtest.Env(modules)
	if err := os.CopyFS(dir, os.DirFS("testdata/npm")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "openapi.json"), document)
	run := func(program string, args ...string) {
		command(t, dir, env, append([]string{filepath.Join(modules, ".bin", program)}, args...)...)
	}

	run("openapi-typescript", "openapi.json", "-o", "fetch/schema.d.ts")
	run("openapi-ts")
	run("orval")
	unchecked(t, dir)

	// With dates, programs make the same calls.
	for _, name := range []string{"hey", "orval"} {
		write(t, filepath.Join(dir, name+"-dates", "calls.ts"), read(t, filepath.Join(dir, name, "calls.ts")))
	}
	run("tsc", "--project", ".")

	for name, times := range map[string]string{
		"fetch": "string", "hey": "string", "hey-dates": "Date", "orval": "string", "orval-dates": "Date",
	} {
		program := filepath.Join(dir, name, "calls.mjs")
		run("esbuild", filepath.Join(name, "calls.ts"), "--bundle", "--format=esm", "--outfile="+program,
			"--log-level=warning")
		calls(t, name, servers, "times: "+times+"\n", func(t *testing.T, server string) string {
			return command(t, dir, env, npmtest.Node(modules), program, server)
		})
	}
}

// unchecked excepts hey-api's own runtime, which is the same for all documents,
// and which exactOptionalPropertyTypes finds at fault.
func unchecked(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "hey*", "api", "c*", "*.gen.ts"))
	if err != nil || len(files) == 0 {
		t.Fatalf("hey-api's runtime is not where it was (%v)", err)
	}
	for _, file := range files {
		write(t, file, append([]byte("// @ts-nocheck\n"), read(t, file)...))
	}
}

// calls runs a program against the server as it is and as it may be. It must print
// what testdata/calls.txt and more say.
func calls(t *testing.T, name string, servers []string, more string, run func(*testing.T, string) string) {
	t.Helper()
	want := strings.SplitAfter(string(read(t, filepath.Join("testdata", "calls.txt")))+more, "\n")
	for i, server := range servers {
		t.Run(name+[]string{"", " when the API has grown"}[i], func(t *testing.T) {
			t.Parallel()
			got := strings.SplitAfter(run(t, server), "\n")
			right := 0
			for i := range max(len(got), len(want)) {
				switch {
				case i >= len(got):
					t.Errorf("missing: %s", want[i])
				case i >= len(want):
					t.Errorf("too much: %s", got[i])
				case got[i] != want[i]:
					t.Errorf("got  %swant %s", got[i], want[i])
				case strings.Contains(got[i], ": ") && !strings.HasPrefix(got[i], "times: "):
					right++
				}
			}
			t.Logf("%d of %d calls right", right, strings.Count(strings.Join(want, ""), ": ")-strings.Count(more, ": "))
		})
	}
}

// serve runs `refgen serve` with the sample, and returns its address.
func serve(t *testing.T, program string) string {
	t.Helper()
	cmd := exec.Command(program, "--config", os.DevNull, "serve", "--sample", "--out", t.TempDir(),
		"--host", "127.0.0.1", "--port", "0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("refgen serve: %v\n%s", err, &stderr)
		}
	})

	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if m := regexp.MustCompile(`serving (http://[^/]+)/`).FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return m[1]
		}
	}
	t.Fatalf("refgen serve ended early\n%s", &stderr)
	return ""
}

func get(t *testing.T, address string) []byte {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", address, res.Status, err)
	}
	return body
}

// grow is a server as it may be one day, behind a proxy: each object of its JSON has
// a member more, each list of links has a link more, and nodes are in another state.
func grow(t *testing.T, server string) http.Handler {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}

	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Del("Accept-Encoding") // what is compressed cannot grow
		},
		ModifyResponse: func(res *http.Response) error {
			mediaType, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
			if err != nil || !strings.HasSuffix(mediaType, "json") {
				return err
			}

			// Proxies drop these, or have their own.
			for _, name := range []string{"Cache-Control", "ETag", "Last-Modified", "Vary"} {
				res.Header.Del(name)
			}

			var body any
			in := json.NewDecoder(res.Body)
			in.UseNumber()
			if err := in.Decode(&body); err != nil {
				return err
			}

			text, err := json.Marshal(grown(body))
			res.Body = io.NopCloser(bytes.NewReader(text))
			res.Header.Set("Content-Length", strconv.Itoa(len(text)))
			res.ContentLength = int64(len(text))
			return err
		},
	}
}

func grown(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = grown(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = grown(v[name])
		}

		if links, ok := v["links"].([]any); ok {
			v["links"] = append(links, map[string]any{"rel": "added-later", "href": "/added-later"})
		}
		if _, ok := v["availability"].(string); ok {
			v["availability"] = "added_later"
		}
		v["added_later"] = map[string]any{"added": true}
	}
	return value
}
