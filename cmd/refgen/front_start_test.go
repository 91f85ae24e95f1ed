package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/test/httpscript"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// frontHost is the host name of the examples of docs/hosting.md.
const frontHost = "api.example.org"

// hostingBlock returns the block of docs/hosting.md that has a text.
func hostingBlock(t *testing.T, language, part string) string {
	t.Helper()
	for _, b := range blocks(t, "hosting.md", "https://"+frontHost) {
		if b.language == language && strings.Contains(b.text, part) {
			return b.text
		}
	}
	t.Fatalf("docs/hosting.md has no block of %s with %q", language, part)
	return ""
}

// replaced replaces what an example has of this machine. Everything must be there.
func replaced(t *testing.T, example string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(example, pairs[i]) {
			t.Fatalf("the example of docs/hosting.md has no %q:\n%s", pairs[i], example)
		}
	}
	return strings.NewReplacer(pairs...).Replace(example)
}

// origin is what is behind a front: nginx with a release and a live service.
type origin struct {
	address string
	dir     string // output directory
	config  string // file
	nginx   *nginxtest.Server
}

// startOrigin publishes the sample and serves it, configured as docs/hosting.md says. The
// pairs are replaced in nginx.conf.
func startOrigin(t *testing.T, pairs ...string) *origin {
	t.Helper()
	dir, err := os.MkdirTemp("", "front-*") // not t.TempDir, which keeps nginx's workers out
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}

	o := &origin{
		address: nginxtest.FreeAddress(t),
		dir:     filepath.Join(dir, "public"),
		config:  filepath.Join(dir, "config.toml"),
	}
	write(t, o.config, hostingBlock(t, "toml", "trusted_proxies"))
	o.refgen(t, "build", "--sample", "-q")

	s := treetest.Site{Root: o.dir}
	live := treetest.Live(t, s, treetest.Simulated(t, s))
	conf := o.refgen(t, "nginx", "--listen", o.address, "--availapi", live)
	o.nginx = nginxtest.Start(t, replaced(t, conf, append(pairs, " buffer=64k flush=1s", "")...), o.address)
	return o
}

// refgen runs a command with the origin's configuration and output directory.
func (o *origin) refgen(t *testing.T, args ...string) (printed string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"--config", o.config, args[0], "--out", o.dir}, args[1:]...)
	if code := run(t.Context(), args, &stdout, &stderr, func(string) string { return "" }); code != cli.ExitOK {
		t.Fatalf("%v: exit code %d\n%s%s", args, code, &stdout, &stderr)
	}
	return stdout.String()
}

// target is a front of the origin, for scripts.
func (o *origin) target(t *testing.T, f *front) httpscript.Target {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(o.dir, "current", "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ Commit string }
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}

	return httpscript.Target{
		Address: f.secure,
		TLS:     &tls.Config{RootCAs: f.trusted, ServerName: frontHost},
		Tree:    filepath.Join(o.dir, "current"),
		Vars:    map[string]string{"HEAD": manifest.Commit},
	}
}

// authority is a certificate authority of a test.
type authority struct {
	key     *ecdsa.PrivateKey
	cert    *x509.Certificate
	trusted *x509.CertPool
	issued  int64
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}

	a := &authority{key: key, trusted: x509.NewCertPool(), cert: &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}}
	der, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.trusted.AddCert(a.cert)
	return a
}

// issue writes a new certificate for the host, and its key, as certbot names them.
func (a *authority) issue(t *testing.T, dir string) (serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}

	a.issued++
	serial = 100 + a.issued
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: frontHost}, DNSNames: []string{frontHost},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "fullchain.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, filepath.Join(dir, "privkey.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	return serial
}

// front is a running front.
type front struct {
	*nginxtest.Server        // nil for Caddy
	plain, secure     string // addresses
	certs             string // directory with the certificate and its key
	trusted           *x509.CertPool
}

// nginxFront runs nginx as docs/hosting.md has it. Pairs are replaced in the example, and
// http is what comes in front of it.
func nginxFront(t *testing.T, o *origin, a *authority, http string, pairs ...string) *front {
	t.Helper()
	dir := t.TempDir()
	a.issue(t, dir)

	plain, secure := nginxtest.FreeAddress(t), nginxtest.FreeAddress(t)
	site := replaced(t, hostingBlock(t, "nginx", "ssl_certificate"), append(pairs,
		"127.0.0.1:8000", o.address, "/etc/letsencrypt/live/"+frontHost, dir,
		"listen 80;", "listen "+plain+";", "listen [::]:80;", "",
		"listen 443 ssl", "listen "+secure+" ssl", "listen [::]:443 ssl http2;", "")...)
	conf := "pid nginx.pid;\nevents {}\nhttp {\naccess_log off;\n" +
		"client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;\n" +
		http + site + "}\n"
	return &front{nginxtest.Start(t, conf, secure), plain, secure, dir, a.trusted}
}

// client asks a front by HTTP/2, and follows nothing.
func client(t *testing.T, address string, trusted *x509.CertPool) *http.Client {
	t.Helper()
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
		TLSClientConfig: &tls.Config{RootCAs: trusted}, ForceAttemptHTTP2: true, DisableCompression: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: transport, CheckRedirect: stay}
}

// reply is a response with its body.
type reply struct {
	*http.Response
	text string
}

// ask sends a request, with headers in pairs.
func ask(t *testing.T, c *http.Client, method, url string, header ...string) reply {
	t.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(`{"filter_set":[]}`)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}

	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res, string(text)}
}

// caddyFront runs Caddy as docs/hosting.md has it, but for its own authority.
func caddyFront(t *testing.T, o *origin) *front {
	t.Helper()
	dir := t.TempDir()
	plain, secure := nginxtest.FreeAddress(t), nginxtest.FreeAddress(t)
	port := func(address string) string { _, p, _ := net.SplitHostPort(address); return p }
	options := fmt.Sprintf("{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\tdefault_bind 127.0.0.1\n"+
		"\thttp_port %s\n\thttps_port %s\n\tstorage file_system %s\n}\n", port(plain), port(secure), dir)

	file := filepath.Join(dir, "Caddyfile")
	write(t, file, options+replaced(t, hostingBlock(t, "caddyfile", frontHost), "127.0.0.1:8000", o.address))
	caddy := exec.Command("caddy", "run", "--config", file, "--adapter", "caddyfile")
	caddy.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME=", "XDG_CONFIG_HOME=")
	start(t, secure, caddy)

	trusted := x509.NewCertPool()
	root, err := os.ReadFile(filepath.Join(dir, "pki/authorities/local/root.crt"))
	if err != nil || !trusted.AppendCertsFromPEM(root) {
		t.Fatalf("Caddy's authority: %v", err)
	}

	for { // it listens before it has the certificate
		conn, err := tls.Dial("tcp", secure, &tls.Config{RootCAs: trusted, ServerName: frontHost})
		if err == nil {
			conn.Close()
			break
		}
		if t.Context().Err() != nil {
			t.Fatalf("Caddy has no certificate: %v", err)
		}
	}
	return &front{plain: plain, secure: secure, trusted: trusted}
}
