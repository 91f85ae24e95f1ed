package blazar_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/blazar"
	"github.com/chameleoncloud/refapi/internal/blazar/clouds"
)

// catalogServer is a Keystone whose catalog has both services in two regions, at
// three interfaces. It records the last request for a token of each case.
type catalogServer struct {
	url string

	mu       sync.Mutex
	requests map[string]any // the last one for a token, by case
}

func newCatalogServer(t *testing.T) *catalogServer {
	t.Helper()
	s := &catalogServer{requests: map[string]any{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// keystone is the auth_url of a case.
func (s *catalogServer) keystone(name string) string { return s.url + "/" + name + "/v3" }

func (s *catalogServer) take(name string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	request := s.requests[name]
	delete(s.requests, name)
	return request
}

func (s *catalogServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	w.Header().Set("Content-Type", "application/json")

	if r.Method != http.MethodPost || rest != "v3/auth/tokens" {
		fmt.Fprintf(w, `{"version": {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": %q}]}}`,
			s.keystone(name))
		return
	}

	var body any
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}

	s.mu.Lock()
	s.requests[name] = body
	s.mu.Unlock()
	var services []any

	for i, kind := range []string{"reservation", "compute"} {
		var endpoints []any
		for _, region := range []string{"R1", "R2"} {
			for _, face := range []string{"public", "internal", "admin"} {
				if region == "R2" && face == "admin" {
					continue
				}
				endpoints = append(endpoints, map[string]any{
					"id": region + face, "interface": face, "region": region, "region_id": region,
					"url": fmt.Sprintf("%s/%s/%s/%s/v%d", s.url, kind, region, face, i+1),
				})
			}
		}

		services = append(services,
			map[string]any{"type": kind, "name": "name of " + kind, "id": kind, "endpoints": endpoints})
	}

	w.Header().Set("X-Subject-Token", "token")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(map[string]any{"token": map[string]any{ // the client may be gone
		"methods": []any{"password"}, "issued_at": "2026-01-01T00:00:00Z", "expires_at": "2099-01-01T00:00:00Z",
		"user": map[string]any{"id": "u", "name": "u", "domain": map[string]any{"id": "d", "name": "d"}},
		"project": map[string]any{"id": "p", "name": "p",
			"domain": map[string]any{"id": "d", "name": "d"}}, "catalog": services,
	}})
}

// reading is what a reader of clouds.yaml makes of an entry.
type reading struct {
	Error   string  `json:"error,omitempty"`
	Verify  bool    `json:"verify"`
	CA      string  `json:"ca"`
	Cert    bool    `json:"cert"`
	Timeout float64 `json:"timeout"`
	Compute service `json:"compute"`
	URL     string  `json:"url"` // of Blazar
	request any     // the request for a token
}

type service struct {
	Region     string   `json:"region"`
	Interfaces []string `json:"interfaces"`
	Override   string   `json:"override"`
}

// sdkCase is an entry of clouds.yaml. AUTH stands for auth_url and a user with a
// project, USER for options of a user and CREDENTIAL for those of an application
// credential, KS for the URL of Keystone, DIR for the directory.
type sdkCase struct {
	entry, secure, public string
	// differs says why openstacksdk reads it in another way, and like is an
	// entry that it reads as we read this one.
	differs, like string
}

const (
	sdkAuth = `auth: {auth_url: "KS", username: u, password: very-secret, project_name: p, user_domain_name: D, ` +
		`project_domain_name: D}`
	sdkUser       = `auth_url: "KS", username: u, password: p`
	sdkCredential = `auth_url: "KS", application_credential_id: i, application_credential_secret: s`
)

var sdkCases = map[string]sdkCase{
	"plain": {entry: "AUTH"},
	"hyphens": {
		entry: "auth: {auth-url: 'KS', username: u, password: p, project-name: p, user-domain-name: D, " +
			"project-domain-name: D}\nregion-name: R2\n",
	},
	"hyphens in secure": {
		entry:  "auth_type: v3applicationcredential\nauth: {auth_url: 'KS', application_credential_id: i}",
		secure: "auth: {application-credential-secret: s}",
	},
	"both spellings":        {entry: "AUTH\nregion-name: R1\nregion_name: R2"},
	"both, the other way":   {entry: "AUTH\nregion_name: R1\nregion-name: R2"},
	"tenant":                {entry: "auth: {USER, tenant_name: p, domain_id: default}"},
	"tenant-id":             {entry: "auth: {USER, tenant-id: p, user_domain_id: default}"},
	"project before tenant": {entry: "auth: {USER, tenant_name: t, project_name: p, domain_name: D}"},
	"project beside auth":   {entry: "project_name: q\nauth: {USER, tenant_name: t, domain_name: D}"},
	"user_name": {
		entry: "auth: {auth_url: 'KS', user_name: u, password: p, project_id: p, user_domain_name: D}",
	},
	"all beside auth": {
		entry: "auth_url: KS\nusername: u\npassword: p\nproject_name: p\nuser_domain_name: D\n" +
			"project_domain_name: D\nregion_name: R2",
	},
	"in auth counts": {entry: "AUTH\nusername: other\nproject_name: other"},
	"ids before names": {
		entry: "auth: {auth_url: 'KS', user_id: i, username: u, password: p, project_id: p, project_name: n, " +
			"project_domain_name: D}",
	},
	"domain id before name": {
		entry: "auth: {USER, project_name: p, user_domain_name: D, project_domain_name: D, domain_id: i}",
	},
	"default domain":      {entry: "auth: {USER, project_name: p, default_domain_name: D}"},
	"domain scope":        {entry: "auth: {USER, user_domain_name: D, domain_name: E}"},
	"domain scope beside": {entry: "domain_id: e\nauth: {USER, user_domain_name: D}"},
	"system scope":        {entry: "auth: {USER, user_domain_name: D, system_scope: all}"},
	"trust":               {entry: "auth: {USER, user_domain_name: D, trust_id: t}"},
	"two scopes":          {entry: "auth: {USER, user_domain_name: D, system_scope: all, project_id: p}"},
	"numbers": {
		entry: "auth: {auth_url: 'KS', username: 12, password: 34, project_id: 56, user_domain_id: 78}\n" +
			"region_name: R1",
	},
	"v3password":           {entry: "auth_type: v3password\nAUTH"},
	"auth_plugin":          {entry: "auth_plugin: v3password\nAUTH"},
	"auth_type goes first": {entry: "auth_plugin: v3token\nauth_type: v3password\nAUTH"},
	"unknown auth_type":    {entry: "auth_type: v3passwort\nAUTH"},
	"no auth_url":          {entry: "auth: {username: u, password: p}"},
	"token":                {entry: "auth_type: token\nauth: {auth_url: 'KS', token: t, project_id: p}"},
	"v3token": {
		entry: "auth_type: v3token\nauth: {auth_url: 'KS', token: t, project_name: p, project_domain_id: d}",
	},
	"token beside auth": {entry: "auth_type: v3token\ntoken: t\nauth: {auth_url: 'KS', project_id: p}"},
	"auth_token":        {entry: "auth_type: v3token\nauth-token: t\nauth: {auth_url: 'KS', project_id: p}"},
	"credential by name": {
		entry: "auth_type: v3applicationcredential\nauth: {auth_url: 'KS', application_credential_name: n, " +
			"application_credential_secret: s, username: u, user_domain_name: D}",
	},
	"credential, no secret": {
		entry: "auth_type: v3applicationcredential\nauth: {auth_url: 'KS', application_credential_id: i}",
	},
	"regions":               {entry: "AUTH\nregions: [R2, R1]"},
	"regions before region": {entry: "AUTH\nregion_name: R1\nregions: [R2, R1]"},
	"regions with values": {
		entry: "AUTH\nregions: [{name: R2, values: {interface: internal, auth: {project_name: q}, " +
			"api_timeout: 7}}, R1]",
	},
	"values with hyphens": {
		entry: "AUTH\nregions: [{name: R1, values: {reservation-region-name: R2, auth: {project-name: q}}}]",
	},
	"a region without values": {entry: "AUTH\nregions: [{name: R2}]"},
	"a region of more":        {entry: "AUTH\nregions: [{name: R2, value: {}}]"},
	"a region without a name": {entry: "AUTH\nregions: [{values: {}}]"},
	"region with commas":      {entry: "AUTH\nregion_name: R2,R1"},
	"a list of region_name":   {entry: "AUTH\nregion_name: [R2, R1]"},
	"interface":               {entry: "AUTH\ninterface: internal"},
	"interfaceURL":            {entry: "AUTH\nreservation_interface: internalURL"},
	"interfaces":              {entry: "AUTH\nregion_name: R2\ninterface: [admin, internal, public]"},
	"endpoint_type":           {entry: "AUTH\nendpoint_type: admin\ninterface: internal"},
	"service endpoint_type":   {entry: "AUTH\nreservation_endpoint_type: admin\ncompute_endpoint_type: internal"},
	"service region":          {entry: "AUTH\nregion_name: R1\nreservation_region_name: R2\ncompute-region-name: R2"},
	"service interface":       {entry: "AUTH\nreservation_interface: [admin]\ncompute_interface: internal"},
	"service override": {
		entry: "AUTH\nreservation_endpoint_override: http://blazar.example/v1\n" +
			"compute_endpoint_override: http://nova.example/v2.1",
	},
	"service endpoint": {entry: "AUTH\nreservation_endpoint: http://blazar.example/v1"},
	"override of endpoint": {
		entry: "AUTH\nreservation_endpoint: http://other.example/v1\n" +
			"reservation-endpoint-override: http://blazar.example/v1",
	},
	"override by region": {
		entry: "AUTH\nregion_name: R1\nreservation_endpoint_override: 'http://{region_name}.example/v1'",
	},
	"service name":           {entry: "AUTH\nreservation_service_name: name of reservation"},
	"verify":                 {entry: "AUTH\nverify: no"},
	"insecure":               {entry: "AUTH\ninsecure: true"},
	"insecure in quotes":     {entry: "AUTH\ninsecure: 'True'"},
	"insecure is not":        {entry: "AUTH\ninsecure: 'false'"},
	"insecure and verify":    {entry: "AUTH\ninsecure: true\nverify: true"},
	"cacert":                 {entry: "AUTH\ncacert: DIR/ca.pem"},
	"cacert, not verified":   {entry: "AUTH\ncacert: DIR/ca.pem\nverify: false"},
	"verify is a file":       {entry: "AUTH\nverify: DIR/ca.pem"},
	"cert and key":           {entry: "AUTH\ncert: DIR/cert.pem\nkey: DIR/key.pem"},
	"cert with its key":      {entry: "AUTH\ncert: DIR/both.pem"},
	"key alone":              {entry: "AUTH\nkey: DIR/key.pem"},
	"api_timeout":            {entry: "AUTH\napi_timeout: 5"},
	"a float of api_timeout": {entry: "AUTH\napi_timeout: 2.5"},
	"service timeout":        {entry: "AUTH\napi_timeout: 5\ncompute_timeout: 9"},
	"secure": {entry: "auth: {auth_url: 'KS', username: u, project_id: p, user_domain_id: d}",
		secure: "auth: {password: p}"},
	"secure has more": {entry: "AUTH\nregion_name: R1", secure: "region_name: R2\nauth: {project_name: q}"},
	"secure has all":  {secure: "AUTH\nregion_name: R2"},
	"profile": {entry: "profile: pub\nauth: {username: u, password: p, project_id: p}",
		public: "auth: {auth_url: 'KS', user_domain_id: d}\nregion_name: R2"},
	"cloud is profile":   {entry: "cloud: pub\nAUTH", public: "interface: internal\nregions: [R2, R1]"},
	"profile and region": {entry: "profile: pub\nAUTH\nregion_name: R1", public: "regions: [R2]"},
	"profile with hyphens": {entry: "profile: pub\nAUTH",
		public: "reservation-region-name: R2\nauth: {auth-url: 'http://other.example'}"},
	"no such profile": {entry: "profile: none-such\nAUTH", public: "interface: internal"},
	"format of auth_url": {
		entry: "region_name: v3\nauth: {auth_url: 'BASE/{region_name}', username: u, password: p, project_id: p, " +
			"user_domain_id: d}",
	},
	"merge keys": {entry: "<<: {region_name: R1, interface: internal}\nAUTH\nregion_name: R2"},
	"other services": {
		entry: "AUTH\nbaremetal_api_version: 1.6\nimage_endpoint_override: http://glance.example\n" +
			"networks: [{name: n}]",
	},
	"a misspelled key": {entry: "AUTH\nintreface: internal"},
	"empty texts": {
		entry: "auth: {auth_url: 'KS', username: '', password: p, project_id: p, user_domain_id: d}\nusername: u\n" +
			"region_name: ''\ncacert: ''\ncert: ''",
	},
	"empty keys": {entry: "AUTH\ncacert:\napi_timeout:\ncert:\n"},

	"hyphen of endpoint-type": {entry: "AUTH\nendpoint-type: internal",
		differs: "it renames old keys before it replaces hyphens", like: "AUTH\ninterface: internal"},
	"hyphens in auth-type": {
		entry: "auth-type: v3applicationcredential\nauth: {auth-url: 'KS', application-credential-id: i, " +
			"application-credential-secret: s}", differs: "it renames old keys before it replaces hyphens",
		like: "auth_type: v3applicationcredential\nauth: {CREDENTIAL}",
	},
	"verify in quotes": {entry: "AUTH\nverify: 'false'", differs: "the text becomes the name of a file",
		like: "AUTH\nverify: false"},
	"insecure yes in quotes": {entry: "AUTH\ninsecure: 'yes'", differs: "only true is true to it",
		like: "AUTH\ninsecure: true"},
	"no regions": {entry: "AUTH\nregion_name: R2\nregions: []",
		differs: "the empty list hides the name", like: "AUTH\nregion_name: R2"},
	"token without its type": {entry: "auth: {auth_url: 'KS', token: t, project_id: p}",
		differs: "the type is password", like: "auth_type: token\nauth: {auth_url: 'KS', token: t, project_id: p}"},
	"secret without its type": {
		entry: "auth: {CREDENTIAL}", differs: "the type is password",
		like: "auth_type: v3applicationcredential\nauth: {CREDENTIAL}",
	},
	"credential and project": {
		entry:   "auth_type: v3applicationcredential\nauth: {CREDENTIAL, project_id: p}",
		differs: "Keystone refuses the scope", like: "auth_type: v3applicationcredential\nauth: {CREDENTIAL}",
	},
	"auth_type is empty": {entry: "auth_type:\nAUTH", differs: "empty is none", like: "AUTH"},
	"more than it takes": {entry: "auth_type: v3token\ntoken: t\nAUTH", differs: "it refuses a password",
		like: "auth_type: v3token\nauth: {auth_url: 'KS', token: t, project_name: p, project_domain_name: D}"},
	"tenant in both": {entry: "auth: {USER, user_domain_id: d}\ntenant_id: p"},
	"a blank in auth_url": {
		entry: "auth: {auth_url: 'KS ', username: u, password: p, project_id: p, user_domain_id: d}",
	},
}

// TestOpenstacksdk holds our reading of clouds.yaml against that of the real
// openstacksdk: the request for a token, the URL of Blazar, and what is read of
// TLS, timeouts and Nova.
func TestOpenstacksdk(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3" // another one that comes first in PATH lacks Debian's modules
	server := newCatalogServer(t)
	ids, dirs, like := map[string]string{}, map[string]string{}, map[string]string{}

	for name, c := range sdkCases {
		id := fmt.Sprint("case", len(ids)) // a name such as v3token would mislead who looks for a version in a URL
		ids[name] = id
		dirs[id] = c.write(t, server.keystone(id))
		if c.differs != "" {
			id += ".like"
			like[id] = sdkCase{entry: c.like}.write(t, server.keystone(id))
		}
	}

	all := maps.Clone(dirs)
	maps.Copy(all, like)
	input, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}

	cmd := exec.CommandContext(t.Context(), python, "testdata/openstacksdk.py")
	cmd.Stdin = bytes.NewReader(input)
	cmd.Env = append(os.Environ(), "NO_PROXY=*", "HOME="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		detail := ""
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			detail = string(failed.Stderr)
		}
		t.Fatalf("openstacksdk is needed: apt-get install --no-install-recommends python3-openstacksdk, "+
			"or run `make test`: %v\n%s", err, detail)
	}

	var theirs map[string]reading
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}

	for id, r := range theirs {
		r.request = server.take(id)
		theirs[id] = r
	}

	for name, c := range sdkCases {
		id := ids[name]
		ours := readOurs(t, dirs[id])
		ours.request = server.take(id)

		if c.differs == "" {
			compareReadings(t, name, theirs[id], ours)
			continue
		}

		want := theirs[id+".like"]
		if want.Error != "" {
			t.Errorf("%s: openstacksdk refuses %q: %s", name, c.like, want.Error)
		}

		want.CA = strings.Replace(want.CA, like[id+".like"], dirs[id], 1)
		if cmp.Equal(theirs[id], ours, cmp.AllowUnexported(reading{})) {
			t.Errorf("%s: openstacksdk reads it as we do: there is no difference to explain", name)
		}

		compareReadings(t, name, want, ours)
	}
}

func compareReadings(t *testing.T, name string, want, got reading) {
	t.Helper()
	if (want.Error == "") != (got.Error == "") {
		t.Errorf("%s: openstacksdk says %q, we say %q", name, want.Error, got.Error)
		return
	}
	if want.Error != "" {
		return // the words differ
	}

	if diff := cmp.Diff(want, got, cmp.AllowUnexported(reading{})); diff != "" {
		t.Errorf("%s: -openstacksdk +ours\n%s", name, diff)
	}
}

// write writes the files of a case, and returns their directory.
func (c sdkCase) write(t *testing.T, keystone string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "openstack"), 0o700); err != nil {
		t.Fatal(err)
	}

	writeCertificate(t, dir)
	for name, text := range map[string]string{"clouds": c.entry, "secure": c.secure, "clouds-public": c.public} {
		if text == "" {
			continue
		}

		head := "clouds:\n  chi:\n"
		if name == "clouds-public" {
			head = "public-clouds:\n  pub:\n"
		}

		text = strings.NewReplacer("AUTH", sdkAuth, "USER", sdkUser, "CREDENTIAL", sdkCredential).Replace(text)
		text = strings.NewReplacer("KS", keystone, "BASE", strings.TrimSuffix(keystone, "/v3"), "DIR",
			dir).Replace(text)

		text = head + "    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n"
		if err := os.WriteFile(filepath.Join(dir, "openstack", name+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	return dir
}

// readOurs reads an entry as availapi does, and asks for a token with it.
func readOurs(t *testing.T, dir string) reading {
	t.Helper()
	getenv := func(name string) string { return map[string]string{"XDG_CONFIG_HOME": dir}[name] }
	e, err := clouds.Read("chi", getenv)
	if err != nil {
		return reading{Error: err.Error()}
	}

	r := reading{Verify: !e.TLS.InsecureSkipVerify, Cert: len(e.TLS.Certificates) > 0, Timeout: e.Timeout.Seconds()}
	if e.TLS.RootCAs != nil {
		r.CA = filepath.Join(dir, "ca.pem")
	}

	r.Compute = service{Region: e.Compute.Region, Interfaces: e.Compute.Interfaces, Override: e.Compute.Override}
	connected := func(to availability.Target) { r.URL = attribute(to, "url") }
	c := blazar.New("chi", availability.Environment{Getenv: getenv, Connected: connected})
	defer c.Close()

	_, _ = c.Hosts(t.Context()) // there is no Blazar: what counts is where it is requested
	return r
}

// writeCertificate writes ca.pem, cert.pem with key.pem, and both.pem.
func writeCertificate(t *testing.T, dir string) {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()

	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}

	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	for name, text := range map[string][]byte{"ca": cert, "cert": cert, "key": private,
		"both": append(slices.Clip(cert), private...)} {
		if err := os.WriteFile(filepath.Join(dir, name+".pem"), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
