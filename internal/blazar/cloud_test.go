package blazar_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/blazar"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
)

const goodEntry = `auth_type: v3applicationcredential
auth:
  auth_url: https://keystone.example:5000/v3
  application_credential_id: 21dced0fd20347869b93710d2b98aae0
  application_credential_secret: very-secret
`

func TestCheck(t *testing.T) {
	t.Parallel()
	auth := func(lines string) string {
		return "auth:\n  auth_url: https://keystone.example:5000\n" + lines
	}
	for name, test := range map[string]struct {
		entry, want, advice string // want "" is good
	}{
		"application credential": {entry: goodEntry},
		"application credential and project": {entry: goodEntry +
			"  project_name: p\n  project_domain_name: Default\n"},
		"credential by name": {
			entry: auth("  application_credential_name: n\n  application_credential_secret: very-secret\n" +
				"  username: u\n  user_domain_name: Default\n"),
		},
		"password": {
			entry: auth("  username: u\n  password: very-secret\n  user_domain_name: Default\n  project_name: p\n" +
				"  project_domain_id: default\n"),
		},
		"system scope": {
			entry: auth("  username: u\n  password: very-secret\n  user_domain_name: Default\n  system_scope: all\n"),
		},
		"token":      {entry: auth("  token: very-secret\n")},
		"empty":      {"{}\n", "has no auth:", "auth_url"},
		"no auth":    {"region_name: CHI\n", "has no auth:", "application credential"},
		"null":       {"auth:\n", "has no auth:", "auth_url"},
		"empty auth": {"auth: {}\n", "auth_url is missing", "openstack --os-cloud chi"},
		"auth is a word": {"auth: very-secret\n", `clouds.yaml:3: key "auth" must be a mapping`,
			""},
		"auth_url without a scheme": {"auth: {auth_url: 'keystone:5000', username: u, password: very-secret}\n",
			"auth_url", ""},
		"auth_url is a file": {"auth: {auth_url: 'file:///etc/passwd', username: u, password: very-secret}\n",
			"auth_url", ""},
		"no password": {auth("  username: u\n  user_domain_name: Default\n  project_id: p\n"),
			"password", ""},
		"no user":   {auth("  password: very-secret\n"), "ser", ""},
		"no domain": {auth("  username: u\n  password: very-secret\n"), "omain", ""},
		"no secret": {auth("  application_credential_id: i\n"), "ecret", ""},
		"a way in for people": {"auth_type: v3oidcpassword\n" +
			auth("  username: u\n  password: very-secret\n"), `auth_type "v3oidcpassword"`, "application credential"},
		"no CA file": {goodEntry + "cacert: /nonexistent/ca.pem\n", "/nonexistent/ca.pem",
			""},
		"a bad CA file":             {goodEntry + "cacert: /dev/null\n", "/dev/null", ""},
		"a profile that is nowhere": {entry: "profile: nowhere\n" + goodEntry},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := blazartest.WriteClouds(t, map[string]string{"chi": test.entry})
			_, _, err := blazar.New("chi", availability.Environment{Getenv: blazartest.Env(file)}).Check()
			checkConfig(t, err, test.want, test.advice)
		})
	}
}

func checkConfig(t *testing.T, err error, want, advice string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Fatal(err)
		}
		return
	}

	var e *availability.Error
	if !errors.As(err, &e) || e.Reason != availability.ReasonConfig {
		t.Fatalf("%v is no error of configuration", err)
	}

	if !strings.Contains(err.Error(), want) || !strings.Contains(hint.Of(err), advice) {
		t.Errorf("%q lacks %q, or %q lacks %q", err, want, hint.Of(err), advice)
	}

	if strings.Contains(err.Error()+hint.Of(err), "secret-") ||
		strings.Contains(err.Error()+hint.Of(err), "very-secret") {
		t.Errorf("the error or its hint has a secret: %q, %q", err, hint.Of(err))
	}
}

func TestCheckFiles(t *testing.T) {
	t.Parallel()
	good := "clouds:\n  chi:\n    auth: {auth_url: 'http://k:5000', application_credential_id: i, " +
		"application_credential_secret: very-secret}\n"
	noSecret := "clouds:\n  chi:\n    auth: {auth_url: 'http://k:5000', application_credential_id: i}\n"
	noAuth := "clouds:\n  chi:\n    region_name: r\n"
	secure := "clouds:\n  chi:\n    auth: {application_credential_secret: very-secret}\n"
	allSecure := "clouds:\n  chi:\n    auth: {auth_url: 'http://k:5000', application_credential_id: i, " +
		"application_credential_secret: very-secret}\n"
	type env = map[string]string

	for name, test := range map[string]struct {
		files        map[string]string // below DIR
		env          env
		want, advice string
	}{
		"none": {env: env{"HOME": "DIR"}, want: "there is no clouds.yaml",
			advice: "DIR/.config/openstack/clouds.yaml"},
		"the variable's is absent": {env: env{"OS_CLIENT_CONFIG_FILE": "DIR/x.yaml", "HOME": "DIR"},
			want: "there is no clouds.yaml", advice: "looked for DIR/x.yaml;"},
		"HOME": {files: map[string]string{".config/openstack/clouds.yaml": good},
			env: env{"HOME": "DIR"}},
		"another suffix": {files: map[string]string{".config/openstack/clouds.yml": good},
			env: env{"HOME": "DIR"}},
		"XDG_CONFIG_HOME": {files: map[string]string{"c/openstack/clouds.yaml": good,
			".config/openstack/clouds.yaml": "-"}, env: env{"HOME": "DIR", "XDG_CONFIG_HOME": "DIR/c"}},
		"the variable first": {files: map[string]string{"x.yaml": good, ".config/openstack/clouds.yaml": "-"},
			env: env{"HOME": "DIR", "OS_CLIENT_CONFIG_FILE": "DIR/x.yaml"}},
		"secure.yaml": {files: map[string]string{"clouds.yaml": noSecret, "secure.yaml": secure},
			env: env{"OS_CLIENT_CONFIG_FILE": "DIR/clouds.yaml"}},
		"secure.yaml has all": {files: map[string]string{"clouds.yaml": noAuth, "secure.yaml": allSecure},
			env: env{"OS_CLIENT_CONFIG_FILE": "DIR/clouds.yaml"}},
		"secure.yaml elsewhere": {files: map[string]string{"clouds.yaml": noSecret, "s/x.yaml": secure},
			env: env{"OS_CLIENT_CONFIG_FILE": "DIR/clouds.yaml", "OS_CLIENT_SECURE_FILE": "DIR/s/x.yaml"}},
		"secure.yaml is not YAML": {files: map[string]string{"clouds.yaml": noSecret,
			"secure.yaml": "clouds:\n  chi: [very-secret"}, env: env{"OS_CLIENT_CONFIG_FILE": "DIR/clouds.yaml"},
			want: "secure.yaml:2"},
		"a missing entry": {files: map[string]string{"clouds.yaml": strings.ReplaceAll(good, "chi", "uc")},
			env:  env{"OS_CLIENT_CONFIG_FILE": "DIR/clouds.yaml"},
			want: `find cloud "chi": DIR/clouds.yaml has no such entry`, advice: "it has uc"},
		"no entries": {files: map[string]string{"clouds.yaml": "public-clouds: {}"},
			env: env{"OS_CLIENT_CONFIG_FILE": "DIR/clouds.yaml"}, want: "no such entry", advice: "no entries"},
		"an empty file": {files: map[string]string{"clouds.yaml": ""},
			env: env{"OS_CLIENT_CONFIG_FILE": "DIR/clouds.yaml"}, want: "no such entry", advice: "no entries"},
		"not YAML": {files: map[string]string{"clouds.yaml": "clouds:\n\tchi: very-secret"},
			env: env{"OS_CLIENT_CONFIG_FILE": "DIR/clouds.yaml"}, want: "clouds.yaml:2 is not"},
		"a directory": {files: map[string]string{"d/clouds.yaml": good},
			env: env{"OS_CLIENT_CONFIG_FILE": "DIR/d"}, want: "read clouds: read DIR/d"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range test.files {
				file := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}

			getenv := func(name string) string { return strings.ReplaceAll(test.env[name], "DIR", dir) }
			_, _, err := blazar.New("chi", availability.Environment{Getenv: getenv}).Check()

			checkConfig(t, err, strings.ReplaceAll(test.want, "DIR", dir),
				strings.ReplaceAll(test.advice, "DIR", dir))
		})
	}
}

// The working directory comes first. Not parallel: it changes that.
func TestCheckWorkingDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("clouds.yaml", []byte("clouds: {chi: {"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := blazar.New("chi", availability.Environment{}).Check()
	checkConfig(t, err, "read clouds: clouds.yaml", "")
}

// Passwords work as application credentials do, and what the environment says
// of a region or an interface does not.
func TestPassword(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	entry := "auth:\n  auth_url: " + strings.TrimSuffix(cloud.Keystone.URL, "/v3") + "\n  username: " +
		blazartest.User +
		"\n  password: " + blazartest.Password +
		"\n  project_name: p\n  user_domain_name: Default\n  project_domain_name: Default\n"

	c := clientOf(t, entry+"region_name: "+blazartest.Region+"\n")
	if _, err := c.Hosts(t.Context()); err != nil {
		t.Error(err)
	}

	c = clientOf(t, entry+"regions: ["+blazartest.Region+"]\n")
	if _, err := c.Hosts(t.Context()); err != nil {
		t.Error(err)
	}

	c = clientOf(t, entry+"regions: [{name: elsewhere}]\ninterface: internal\n")
	_, err := c.Hosts(t.Context())
	check(t, err, fault{reason: availability.ReasonCatalog, want: "no internal endpoint for it in region elsewhere"})
	c = clientOf(t, strings.Replace(entry, blazartest.Password, "wrong", 1))
	_, err = c.Hosts(t.Context())
	check(t, err, fault{reason: availability.ReasonAuth, want: "401 Unauthorized"})
}

// A CA's file makes a certificate good; without it, TLS is refused.
func TestTLS(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	secure := httptest.NewTLSServer(cloud.Keystone)
	t.Cleanup(secure.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}),
		0o600); err != nil {
		t.Fatal(err)
	}

	entry := strings.Replace(cloud.Entry(), cloud.Keystone.URL, secure.URL+"/v3", 1)
	for _, lines := range []string{"cacert: " + ca + "\n", "verify: false\n"} {
		if _, err := clientOf(t, entry+lines).Hosts(t.Context()); err != nil {
			t.Errorf("%s%v", lines, err)
		}
	}

	_, err := clientOf(t, entry).Hosts(t.Context())
	check(t, err, fault{reason: availability.ReasonTLS, want: "certificate signed by unknown authority",
		advice: "cacert:"})

	// TLS spoken to one who speaks none, and one who wants more of it.
	plain := strings.Replace(entry, secure.URL, strings.Replace(cloud.Keystone.URL, "http:", "https:", 1), 1)
	_, err = clientOf(t, strings.ReplaceAll(plain, "/v3/v3", "/v3")).Hosts(t.Context())
	check(t, err, fault{reason: availability.ReasonTLS})
	strict := httptest.NewUnstartedServer(cloud.Keystone)
	strict.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool()}
	strict.StartTLS()
	t.Cleanup(strict.Close)
	_, err = clientOf(t, strings.Replace(entry, secure.URL, strict.URL, 1)+"verify: false\n").Hosts(t.Context())
	check(t, err, fault{reason: availability.ReasonTLS, want: "certificate required"})
}

// Proxies come from the environment that was passed in.
func TestProxy(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	proxy := httptest.NewServer(cloud.Keystone) // it responds for every host
	t.Cleanup(proxy.Close)
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}

	file := blazartest.WriteClouds(t,
		map[string]string{"chi": strings.Replace(cloud.Entry(), cloud.Keystone.URL, "http://keystone.invalid/v3", 1)})
	c := blazar.New("chi", availability.Environment{Getenv: func(name string) string {
		return map[string]string{"OS_CLIENT_CONFIG_FILE": file, "http_proxy": u.String()}[name]
	}})

	t.Cleanup(c.Close)
	if _, err := c.Hosts(t.Context()); err != nil {
		t.Error(err)
	}
}
