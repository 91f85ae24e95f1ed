package blazar

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"gopkg.in/yaml.v2"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hint"
)

// cloud is an entry of clouds.yaml, ready for use.
type cloud struct {
	name     string
	file     string // where it was found
	auth     gophercloud.AuthOptions
	endpoint gophercloud.EndpointOpts
	tls      *tls.Config
}

// suffixes are those that OpenStack clients try, in their order.
var suffixes = []string{".yaml", ".yml", ".json"}

// directories lists where OpenStack clients look for clouds.yaml, the first
// place first.
func directories(getenv func(string) string) []string {
	dirs := []string{"."}
	if config := getenv("XDG_CONFIG_HOME"); config != "" {
		dirs = append(dirs, filepath.Join(config, "openstack"))
	} else if home := getenv("HOME"); home != "" {
		dirs = append(dirs, filepath.Join(home, ".config", "openstack"))
	}
	return append(dirs, "/etc/openstack")
}

// file is a file that was found.
type file struct {
	name string
	text []byte
}

// find reads the first file that exists.
func find(names []string) (*file, error) {
	for _, name := range names {
		text, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, availability.Failf(availability.ReasonConfig, "read clouds: %w", err)
		}
		return &file{name, text}, nil
	}
	return nil, nil
}

// beside lists the names that a file may have in some directories.
func beside(stem string, dirs ...string) []string {
	var names []string
	for _, dir := range dirs {
		for _, suffix := range suffixes {
			names = append(names, filepath.Join(dir, stem+suffix))
		}
	}
	return names
}

// readCloud finds an entry and judges it as far as is possible without asking
// Keystone.
func readCloud(o Options) (*cloud, error) {
	dirs := directories(o.Getenv)
	names := beside("clouds", dirs...)
	if name := o.Getenv("OS_CLIENT_CONFIG_FILE"); name != "" {
		names = []string{name}
	}
	found, err := find(names)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, hint.Wrap(availability.Failf(availability.ReasonConfig, "find cloud %q: there is no clouds.yaml", o.Cloud),
			"looked for %s; OS_CLIENT_CONFIG_FILE can name another file", strings.Join(names, ", "))
	}
	names = beside("secure", filepath.Dir(found.name))
	if name := o.Getenv("OS_CLIENT_SECURE_FILE"); name != "" {
		names = []string{name}
	}
	secure, err := find(names)
	if err != nil {
		return nil, err
	}
	entry, err := peek(o, found, secure)
	if err != nil {
		return nil, err
	}
	return parse(o, entry, found, secure, beside("clouds-public", dirs...))
}

// peek looks at the entry before the library does, which panics where auth is
// missing and would quote secrets from bad YAML.
func peek(o Options, found, secure *file) (clouds.Cloud, error) {
	var all, hidden clouds.Clouds
	if err := unmarshal(found, &all); err != nil {
		return clouds.Cloud{}, err
	}
	entry, ok := all.Clouds[o.Cloud]
	if !ok {
		err := availability.Failf(availability.ReasonConfig, "find cloud %q: %s has no such entry", o.Cloud, found.name)
		known := make([]string, 0, len(all.Clouds))
		for name := range all.Clouds {
			known = append(known, name)
		}
		slices.Sort(known)
		if len(known) == 0 {
			return clouds.Cloud{}, hint.Wrap(err, "it has no entries under clouds:")
		}
		return clouds.Cloud{}, hint.Wrap(err, "it has %s", strings.Join(known, ", "))
	}
	if secure != nil {
		if err := unmarshal(secure, &hidden); err != nil {
			return clouds.Cloud{}, err
		}
	}
	if entry.AuthInfo == nil && hidden.Clouds[o.Cloud].AuthInfo == nil {
		return clouds.Cloud{}, hint.Wrap(availability.Failf(availability.ReasonConfig, "read cloud %q: its entry in %s has no auth:", o.Cloud, found.name),
			"auth: holds auth_url, and an application credential or a user with password and project")
	}
	switch entry.AuthType {
	case "", clouds.AuthPassword, clouds.AuthV3Password, clouds.AuthToken, clouds.AuthV3Token, clouds.AuthV3ApplicationCredential:
	default:
		return clouds.Cloud{}, hint.Wrap(availability.Failf(availability.ReasonConfig, "read cloud %q: auth_type %q in %s cannot be used without a person", o.Cloud, entry.AuthType, found.name),
			"create an application credential, whose auth_type is %s", clouds.AuthV3ApplicationCredential)
	}
	return entry, nil
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// unmarshal reads YAML. Its errors say where the fault is and not what stands
// there: that may be a secret.
func unmarshal(f *file, v any) error {
	err := yaml.Unmarshal(f.text, v)
	if err == nil {
		return nil
	}
	where := f.name
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		where += ":" + m[1]
	}
	return hint.Wrap(availability.Failf(availability.ReasonConfig, "read clouds: %s is not as clouds.yaml should be", where),
		"https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html describes the file")
}

// parse lets the library merge the files. The environment's region, interface
// and CA file do not apply: they would apply to all sites.
func parse(o Options, entry clouds.Cloud, found, secure *file, public []string) (*cloud, error) {
	options := []clouds.ParseOption{
		clouds.WithCloudName(o.Cloud),
		clouds.WithCloudsYAML(bytes.NewReader(found.text)),
		clouds.WithPublicLocations(public...),
		clouds.WithRegion(""),
		clouds.WithEndpointType(""),
		clouds.WithCACertPath(expand(o.Getenv, entry.CACertFile)),
		clouds.WithClientCertPath(expand(o.Getenv, entry.ClientCertFile)),
		clouds.WithClientKeyPath(expand(o.Getenv, entry.ClientKeyFile)),
	}
	if secure != nil {
		options = append(options, clouds.WithSecureYAML(bytes.NewReader(secure.text)))
	}
	fail := func(err error) error {
		return hint.Wrap(availability.Failf(availability.ReasonConfig, "read cloud %q: %s: %w", o.Cloud, found.name, err),
			"openstack --os-cloud %s token issue tries the same entry", o.Cloud)
	}
	auth, endpoint, config, err := clouds.Parse(options...)
	if err != nil {
		return nil, fail(err)
	}
	if u, err := url.Parse(auth.IdentityEndpoint); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fail(errors.New("auth_url is missing or no address"))
	}
	if auth.ApplicationCredentialSecret != "" {
		// An application credential has its own scope, and Keystone refuses others.
		auth.Scope, auth.TenantID, auth.TenantName = nil, "", ""
	}
	auth.AllowReauth = auth.TokenID == ""
	scope, err := auth.ToTokenV3ScopeMap()
	if err != nil {
		return nil, fail(err)
	}
	if _, err := auth.ToTokenV3CreateMap(scope); err != nil {
		return nil, fail(err)
	}
	if endpoint.Region == "" && len(entry.Regions) > 0 {
		endpoint.Region = entry.Regions[0].Name
	}
	return &cloud{name: o.Cloud, file: found.name, auth: auth, endpoint: endpoint, tls: config}, nil
}

// expand resolves a leading ~.
func expand(getenv func(string) string, path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && getenv("HOME") != "" {
		return filepath.Join(getenv("HOME"), rest)
	}
	return path
}
