package clouds_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/blazar/clouds"
	"github.com/chameleoncloud/refapi/internal/hint"
)

const auth = `auth: {auth_url: "https://keystone.example:5000/v3", username: u, password: very-secret, ` +
	"project_id: p, user_domain_id: default}\n"

// read reads the entry chi of files below a directory, of which DIR is the name.
func read(t *testing.T, files map[string]string, env map[string]string) (*clouds.Entry, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, "DIR", dir)), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	if env == nil {
		env = map[string]string{"OS_CLIENT_CONFIG_FILE": "DIR/clouds.yaml"}
	}

	e, err := clouds.Read("chi", func(name string) string { return strings.ReplaceAll(env[name], "DIR", dir) })
	if err != nil {
		for _, secret := range []string{"very-secret"} {
			if strings.Contains(err.Error()+hint.Of(err), secret) {
				t.Errorf("the error or its hint has a secret: %v (%s)", err, hint.Of(err))
			}
		}
		err = hint.Wrap(fmt.Errorf("%s", strings.ReplaceAll(err.Error(), dir, "DIR")), "%s",
			strings.ReplaceAll(hint.Of(err), dir, "DIR"))
	}

	return e, err
}

// entry is a clouds.yaml with an entry's lines.
func entry(lines string) map[string]string {
	return map[string]string{"clouds.yaml": "clouds:\n  chi:\n    " +
		strings.ReplaceAll(strings.TrimSpace(lines), "\n", "\n    ") + "\n"}
}

// What cannot be read is named by its file and line, the entry and the key.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ lines, want, advice string }{
		"interface": {auth + "interface: pubic",
			`read cloud "chi": DIR/clouds.yaml:4: key "interface" must be public, internal or admin, ` +
				`or a list of these`, "did you mean public?"},
		"list of interfaces": {auth + "interface: [public, nowhere]",
			`clouds.yaml:4: key "interface" must be public`, ""},
		"service's interface": {auth + "reservation-interface: {a: b}",
			`clouds.yaml:4: key "reservation_interface" must be`, ""},
		"regions": {auth + "regions: RegionOne",
			`clouds.yaml:4: key "regions" must be a list, not a string`, ""},
		"region": {auth + "regions:\n- name: R1\n  vaules: {}",
			`key "regions" has "vaules": a region has name and values`, ""},
		"profile": {auth + "profile: [a]", `clouds.yaml:4: key "profile" must be a string, not a list`,
			""},
		"verify":          {auth + "verify: maybe", `clouds.yaml:4: key "verify" must be true or false`, ""},
		"insecure":        {auth + "insecure: [true]", `key "insecure" must be true or false`, ""},
		"timeout":         {auth + "api_timeout: soon", `key "api_timeout" must be a number of seconds`, ""},
		"endless timeout": {auth + "api_timeout: .nan", `key "api_timeout" must be a number of seconds`, ""},
		"override": {auth + "reservation_endpoint_override: blazar:1234/v1",
			`key "reservation_endpoint_override" must be a URL such as https://`, ""},
		"placeholder": {auth + "reservation_endpoint_override: 'http://{region}/v1'",
			`refers to {region}, which the entry lacks`, ""},
		"auth": {"auth: [very-secret]",
			`clouds.yaml:3: key "auth" must be a mapping of keys, not a list`, ""},
		"in auth": {"auth: {auth_url: 'http://k/v3', username: {very-secret: x}}",
			`key "auth.username" must be a string, not a mapping`, ""},
		"entry": {"[very-secret]",
			`read cloud "chi": DIR/clouds.yaml:2: the entry must be a mapping of keys, not a list`, ""},
		"cacert in a home": {auth + "cacert: ~/ca.pem", `clouds.yaml:4: key "cacert": open`, "ProtectHome"},
		"cacert of root": {auth + "cacert: /root/none-such/ca.pem",
			`key "cacert": open /root/none-such/ca.pem`, "/etc/refapi"},
		"cacert elsewhere": {auth + "cacert: DIR/ca.pem", `key "cacert": open DIR/ca.pem`,
			"readable for the user"},
		"cacert is a text": {auth + "cacert: |\n  -----BEGIN CERTIFICATE-----\n  very-secret\n",
			`key "cacert" must be the name of a file, not its text`, ""},
		"cert": {auth + "cert: DIR/clouds.yaml", `key "cert" names DIR/clouds.yaml: `, ""},
		"no user domain": {
			"auth: {auth_url: 'http://k/v3', username: u, password: very-secret, project_name: p}",
			"user_domain_name is missing",
			"domain_name: Default",
		},
		"no project domain": {
			"auth: {auth_url: 'http://k/v3', username: u, password: very-secret, project_name: p, user_domain_id: d}",
			"project_domain_name is missing",
			"domain_name: Default",
		},
		"auth_type":       {auth + "auth_type: {a: b}", `key "auth_type" must be a string`, ""},
		"endless aliases": {"a: &a [*a]\n" + auth, "aliases", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, entry(tt.lines), nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(hint.Of(err), tt.advice) {
				t.Errorf("%v\nlacks %q, or %q lacks %q", err, tt.want, hint.Of(err), tt.advice)
			}
		})
	}
}

// The reason that is given for refusing a way to authenticate is the true one.
func TestAuthTypes(t *testing.T) {
	t.Parallel()
	const knows = "availapi knows v3applicationcredential, password, v3password, token, v3token"
	for name, tt := range map[string]struct{ want, advice string }{
		"v3oidcpassword": {`auth_type "v3oidcpassword" is not supported; ` + knows,
			"application credential"},
		"v3oidcclientcredentials": {"is not supported; " + knows, "application credential"},
		"v3tokenlessauth":         {"is not supported", "application credential"},
		"admin_token":             {"has no catalog", "application credential"},
		"v2password":              {"version 2 of Keystone's API", "application credential"},
		"none":                    {"sends no token", "application credential"},
		"None":                    {`auth_type "none" sends no token`, "application credential"},
		"v3oidcauthcode":          {"needs an interactive login", "application credential"},
		"v3totp":                  {"one-time passcode", "application credential"},
		"v3chameleonoidc":         {"needs an interactive login", "cc-login --output-clouds-yaml"},
		"v3pasword": {`availapi does not know auth_type "v3pasword"; it knows`,
			"did you mean v3password?"},
		"v3applicationcredentials": {
			`availapi does not know auth_type "v3applicationcredentials"`, "did you mean v3applicationcredential?",
		},
		"bogus": {`availapi does not know auth_type "bogus"`, "create an application credential"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, entry(auth+"auth_type: "+name), nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) ||
				!strings.HasPrefix(err.Error(), `read cloud "chi": DIR/clouds.yaml:4: `) {
				t.Fatalf("%v lacks %q", err, tt.want)
			}

			if !strings.Contains(hint.Of(err), tt.advice) {
				t.Errorf("%q lacks %q", hint.Of(err), tt.advice)
			}
		})
	}
}

// Each key without effect is named once; one that others need is no suspect.
func TestNotes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		lines string
		want  []string // a suspect begins with "!"
	}{
		"none": {auth +
			"region_name: R1\ninterface: public\nverify: true\napi_timeout: 5\nreservation_api_version: 1\n" +
			"compute_api_version: '2.1'\nidentity_api_version: 3", nil},
		"a misspelled one": {auth + "intreface: internal",
			[]string{`!DIR/clouds.yaml:4: key "intreface" has no effect: unknown to openstacksdk: did you mean ` +
				`interface?`}},
		"a foreign one": {auth + "zzz: 1",
			[]string{`!DIR/clouds.yaml:4: key "zzz" has no effect: unknown to openstacksdk`}},
		"a program's name": {auth + "blazar_region_name: R1",
			[]string{`!DIR/clouds.yaml:4: key "blazar_region_name" has no effect: unknown to openstacksdk: did you ` +
				`mean reservation_region_name?`}},
		"in auth": {
			"auth: {auth_url: 'http://k/v3', username: u, password: p, project_id: p, user_domain_id: d, " +
				"region_name: R1}",
			[]string{`!DIR/clouds.yaml:3: key "auth.region_name" has no effect: it belongs next to auth:, not into it`},
		},
		"misspelled in it": {
			"auth: {auth_url: 'http://k/v3', username: u, password: p, project_id: p, user_domain_id: d, usrename: x}",
			[]string{`!DIR/clouds.yaml:3: key "auth.usrename" has no effect: unknown to openstacksdk: did you mean ` +
				`username?`},
		},
		"other services": {auth + "baremetal-api-version: 1\nimage_format: raw\nvolume_region_name: R",
			[]string{`DIR/clouds.yaml:4: key "baremetal_api_version" has no effect: not used by availapi`,
				`DIR/clouds.yaml:5: key "image_format" has no effect: not used by availapi`,
				`DIR/clouds.yaml:6: key "volume_region_name" has no effect: not used by availapi`}},
		"another version": {auth + "reservation_api_version: 2",
			[]string{`!DIR/clouds.yaml:4: key "reservation_api_version" has no effect: availapi uses version 1`}},
		"identity": {auth + "identity_api_version: 2.0\nidentity_interface: admin",
			[]string{`!DIR/clouds.yaml:4: key "identity_api_version" has no effect: availapi uses version 3`,
				`DIR/clouds.yaml:5: key "identity_interface" has no effect: not used by availapi`}},
		"twice": {auth + "username: other",
			[]string{`!DIR/clouds.yaml:4: key "username" has no effect: auth.username takes precedence`}},
		"of another way": {auth + "auth_type: v3password\nidentity_provider: x",
			[]string{`DIR/clouds.yaml:5: key "identity_provider" has no effect: not used by this auth_type`}},
		"regions": {auth + "regions: [R1, R2]\nregion_name: R3",
			[]string{`DIR/clouds.yaml:4: key "regions" has no effect: R2 is ignored: only the first of several ` +
				`regions is used, R1`,
				`!DIR/clouds.yaml:5: key "region_name" has no effect: the first of regions is used, R1`}},
		"profile": {auth + "profile: rackspace",
			[]string{`!DIR/clouds.yaml:4: key "profile" has no effect: there is no clouds-public.yaml, ` +
				`and availapi has no profiles of its own`}},
		"cacert": {auth + "cacert: /none\nverify: 'no'",
			[]string{`!DIR/clouds.yaml:4: key "cacert" has no effect: certificates are not verified`}},
		"key without a cert": {auth + "key: /none",
			[]string{`!DIR/clouds.yaml:4: key "key" has no effect: there is no cert`}},
		"a secret in a key": {
			"auth: {auth_url: 'http://k/v3', username: u, password: p, project_id: p, user_domain_id: d, " +
				"passwort:very-secret}\ntoken:very-secret: x",
			[]string{`!DIR/clouds.yaml:3: key "auth.passwort…" has no effect: unknown to openstacksdk`,
				`!DIR/clouds.yaml:4: key "token…" has no effect: unknown to openstacksdk`},
		},
		"both scopes": {
			"auth: {auth_url: 'http://k/v3', username: u, password: p, project_id: p, user_domain_id: d, " +
				"system_scope: all}",
			[]string{`!DIR/clouds.yaml:3: key "auth.system_scope" has no effect: overridden by another scope`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := entry(tt.lines)
			e, err := read(t, files, nil)
			if err != nil {
				t.Fatal(err)
			}

			dir := filepath.Dir(e.File)
			var got []string
			for _, n := range e.Notes {
				mark := ""
				if n.Suspect {
					mark = "!"
				}
				got = append(got, mark+strings.ReplaceAll(n.String(), dir, "DIR"))
			}

			slices.Sort(got)
			slices.Sort(tt.want)

			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// Other entries are not validated.
func TestOtherEntries(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"interface: [internal, nowhere]", "verify: 'maybe'", "regions: RegionOne", "profile: [a]", "auth: text",
		"auth_type: bogus",
		"- a list", "a string", "", "api_timeout: {}", "cacert: /none",
	} {
		files := entry(auth)
		files["clouds.yaml"] += "  laptop:\n    " + line + "\n"
		if _, err := read(t, files, nil); err != nil {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// Where files are found, and what an error reports about where they were searched.
func TestFiles(t *testing.T) {
	t.Parallel()
	clouds := entry("auth_type: v3applicationcredential\nauth: {auth_url: 'http://k/v3', " +
		"application_credential_id: i}")["clouds.yaml"]
	secure := entry("auth: {application-credential-secret: very-secret}")["clouds.yaml"]
	type files = map[string]string

	for name, tt := range map[string]struct {
		files, env   map[string]string
		want, advice string
	}{
		"no secure.yaml": {
			files: files{"clouds.yaml": clouds}, want: `DIR/clouds.yaml: application_credential_secret is missing`,
			advice: "there is no secure.yaml: looked for DIR/secure.yaml, DIR/secure.yml, DIR/secure.json, " +
				"secure.yaml, ",
		},
		"a secure.yaml without it": {
			files: files{"clouds.yaml": clouds,
				"secure.yaml": "clouds: {chi: {auth: {username: u}}}"},
			want: "application_credential_secret is missing", advice: "read together with DIR/secure.yaml",
		},
		"the variable's is not there": {
			files: files{"clouds.yaml": clouds,
				"secure.yaml": secure},
			env:    files{"OS_CLIENT_CONFIG_FILE": "DIR/clouds.yaml", "OS_CLIENT_SECURE_FILE": "DIR/other.yaml"},
			want:   "application_credential_secret is missing",
			advice: "there is no secure.yaml: looked for DIR/other.yaml; ",
		},
		"as systemd names them": {
			files: files{"c/openstack_clouds.yaml": clouds, "c/openstack_secure.yaml": secure},
			env: files{"OS_CLIENT_CONFIG_FILE": "DIR/c/openstack_clouds.yaml",
				"OS_CLIENT_SECURE_FILE": "DIR/c/openstack_secure.yaml"},
		},
		"secure.yaml of another usual place": {
			files: files{"clouds.yaml": clouds, "x/openstack/secure.yml": secure},
			env:   files{"OS_CLIENT_CONFIG_FILE": "DIR/clouds.yaml", "XDG_CONFIG_HOME": "DIR/x"},
		},
		"next to it goes first": {
			files: files{"clouds.yaml": clouds, "secure.yaml": secure, "x/openstack/secure.yaml": "very-secret: ["},
			env:   files{"OS_CLIENT_CONFIG_FILE": "DIR/clouds.yaml", "XDG_CONFIG_HOME": "DIR/x"},
		},
		"home after XDG_CONFIG_HOME": {
			files: files{"h/.config/openstack/clouds.yaml": clouds, "x/openstack/secure.yaml": secure},
			env:   files{"XDG_CONFIG_HOME": "DIR/x", "HOME": "DIR/h"},
		},
		"XDG_CONFIG_DIRS": {
			files: files{"s/openstack/clouds.yaml": clouds, "s/openstack/secure.yaml": secure},
			env:   files{"XDG_CONFIG_DIRS": "DIR/r:DIR/s"},
		},
		"a named file that is not there": {
			files: files{"secure.yaml": secure}, env: files{"OS_CLIENT_CONFIG_FILE": "DIR/none.yaml",
				"OS_CLIENT_SECURE_FILE": "DIR/secure.yaml"},
			want:   `find cloud "chi": there is no clouds.yaml`,
			advice: "looked for DIR/none.yaml; OS_CLIENT_CONFIG_FILE",
		},
		"a home that is a file": {files: files{"clouds.yaml": clouds, "secure.yaml": secure},
			env: files{"OS_CLIENT_CONFIG_FILE": "DIR/clouds.yaml", "HOME": "/dev/null",
				"XDG_CONFIG_HOME": "/dev/null"}},
		"secure.yaml is a text": {files: files{"clouds.yaml": clouds, "secure.yaml": "very-secret"},
			want: "DIR/secure.yaml:1: the file must be a mapping with clouds:, not a string"},
		"a misspelled entry": {files: files{"clouds.yaml": strings.Replace(clouds, "chi:", "chii:", 1)},
			want: "DIR/clouds.yaml has no such entry", advice: "did you mean chii? it has chii"},
		"entries next to clouds:": {
			files:  files{"clouds.yaml": "clouds: {other: {}}\nchi: {auth: {password: very-secret}}"},
			want:   "has no such entry",
			advice: "chi is next to clouds:, and belongs below it",
		},
		"clouds is a list": {files: files{"clouds.yaml": "clouds: [very-secret]"},
			want: "DIR/clouds.yaml:1: clouds must be a mapping of entries by name, not a list"},
		"the line of an error": {files: files{"clouds.yaml": "a: b\nclouds: {\n  very-secret: [\n"},
			want: "read clouds: DIR/clouds.yaml:", advice: "indentation"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, tt.files, tt.env)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("%v (%s)", err, hint.Of(err))
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) ||
				!strings.Contains(hint.Of(err), tt.advice)):
				t.Errorf("%v lacks %q, or %q lacks %q", err, tt.want, hint.Of(err), tt.advice)
			}
		})
	}
}

// A placeholder for the project is filled in when the project is known.
func TestOverrideWithProject(t *testing.T) {
	t.Parallel()
	e, err := read(t, entry(auth+"compute_endpoint_override: 'http://nova.example/v2.1/%(project_id)s'"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Compute.URL("abc"); got != "http://nova.example/v2.1/abc" {
		t.Errorf("the URL is %s", got)
	}
}

// A directory without permission is skipped, as openstacksdk does, and
// named where something is missing.
func TestDeniedPlaces(t *testing.T) {
	t.Parallel()
	obeyModes(t)
	dir := t.TempDir()
	secret := filepath.Join(dir, "openstack", "secure.yaml")
	if err := os.Mkdir(filepath.Dir(secret), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(secret, nil, 0); err != nil {
		t.Fatal(err)
	}

	clouds := entry("auth_type: v3applicationcredential\nauth: {auth_url: 'http://k/v3', application_credential_id: i}")
	_, err := read(t, clouds, map[string]string{"OS_CLIENT_CONFIG_FILE": "DIR/clouds.yaml", "XDG_CONFIG_HOME": dir})
	if err == nil || !strings.Contains(hint.Of(err), "no permission to read "+secret) {
		t.Errorf("%v (%s)", err, hint.Of(err))
	}
}
