package clouds

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// The supported values of auth_type.
const (
	password              = "password"
	v3password            = "v3password"
	token                 = "token"
	v3token               = "v3token"
	applicationCredential = "v3applicationcredential"
)

var supported = []string{applicationCredential, password, v3password, token, v3token}

// unsupportedReasons says why other values of auth_type are not supported.
var unsupportedReasons = map[string]string{
	"v3oidcauthcode":               "needs an interactive login",
	"v3oidcdeviceauthz":            "needs an interactive login",
	"v3chameleonoidc":              "needs an interactive login",
	"v3websso":                     "needs an interactive login",
	"v3totp":                       "needs a one-time passcode from a device",
	"v3multifactor":                "needs a one-time passcode from a device",
	"v2password":                   "belongs to version 2 of Keystone's API, which Keystone has removed",
	"v2token":                      "belongs to version 2 of Keystone's API, which Keystone has removed",
	"none":                         "sends no token, and availapi finds services in Keystone's catalog",
	"noauth":                       "sends no token, and availapi finds services in Keystone's catalog",
	"http_basic":                   "sends no token, and availapi finds services in Keystone's catalog",
	"admin_token":                  "has no catalog, in which availapi finds services",
	"token_endpoint":               "has no catalog, in which availapi finds services",
	"v3oidcpassword":               "is not supported",
	"v3oidcaccesstoken":            "is not supported",
	"v3samlpassword":               "is not supported",
	"v3adfspassword":               "is not supported",
	"v3kerberos":                   "is not supported",
	"v3fedkerb":                    "is not supported",
	"v3oauth1":                     "is not supported",
	"v3tokenlessauth":              "is not supported",
	"v3k2ksaml2":                   "is not supported",
	"v3oauth2mtlsclientcredential": "is not supported",
	"v3oauth2clientcredential":     "is not supported",
	"v3oidcclientcredentials":      "is not supported",
}

// authType returns the auth_type of the entry, or guesses it from the keys.
func (r *reader) authType() (string, error) {
	key := "auth_type"
	v := r.take(key)
	if old := r.take("auth_plugin"); v.kind == null && old.kind != null {
		key, v = "auth_plugin", old
	}

	if v.kind == null {
		return r.guessAuthType(), nil
	}
	if v.kind != scalar {
		return "", r.fail(v, key, "must be a string, not %v", v.kind)
	}

	name := v.text
	switch {
	case name == "None":
		name = "none" // as openstacksdk reads it
	case slices.Contains(supported, name):
		return name, nil
	}

	advice := "create an application credential, whose auth_type is " + applicationCredential
	if name == "v3chameleonoidc" {
		advice += ": cc-login --output-clouds-yaml writes one"
	}

	if why, ok := unsupportedReasons[name]; ok {
		return "", hint.Wrap(fmt.Errorf("read cloud %q: %v: auth_type %q %s; availapi knows %s",
			r.name, v.at, name, why, strings.Join(supported, ", ")), "%s", advice)
	}

	if near := hint.Nearest(name, supported); near != "" {
		advice = fmt.Sprintf("did you mean %s? Else %s", near, advice)
	}

	return "", hint.Wrap(fmt.Errorf("read cloud %q: %v: availapi does not know auth_type %q; it knows %s",
		r.name, v.at, name, strings.Join(supported, ", ")), "%s", advice)
}

// guessAuthType chooses by the keys that are present, as openstacksdk does.
func (r *reader) guessAuthType() string {
	has := func(name string) bool {
		return r.auth.get(name).orEmpty().kind == scalar || r.entry.get(name).orEmpty().kind == scalar
	}
	switch {
	case has("application_credential_secret"), has("application_credential_id"):
		return applicationCredential
	case !has("password") && (has("token") || has("auth_token")):
		return token
	}

	return password
}

// formerNames are deprecated names of authentication options.
var formerNames = map[string][]string{
	"username":          {"user_name"},
	"project_id":        {"tenant_id"},
	"project_name":      {"tenant_name"},
	"token":             {"auth_token"},
	"default_domain_id": {"default_domain"},
}

// option reads an authentication option: in auth:, else next to it, by its current
// name, else by a deprecated one. The order of precedence is openstacksdk's.
func (r *reader) option(name string) (string, error) {
	var found value
	from := ""
	take := func(v value, key string) {
		if v.kind == null {
			return
		}
		if found.kind == null {
			found, from = v, key
		} else if v.text != found.text {
			r.note(v, key, true, "%s takes precedence", from)
		}
	}

	inside := func(name string) {
		r.usedAuth[name] = true
		take(r.auth.get(name).orEmpty(), "auth."+name)
	}

	outside := func(name string) {
		r.used[name] = true
		take(r.entry.get(name).orEmpty(), name)
	}

	old := formerNames[name]
	if name == "username" || len(old) == 0 {
		inside(name)
		for _, name := range old {
			inside(name)
		}
		outside(name)
		for _, name := range old {
			outside(name)
		}
	} else {
		// The current name takes precedence over a deprecated one in either place.
		for _, name := range append([]string{name}, old...) {
			inside(name)
			outside(name)
		}
	}

	switch found.kind {
	case null:
		return "", nil
	case scalar:
		return found.text, nil
	}

	return "", r.fail(found, from, "must be a string, not %v", found.kind)
}

// options reads several options.
func (r *reader) options(names ...string) (map[string]string, error) {
	all := map[string]string{}
	for _, name := range names {
		text, err := r.option(name)
		if err != nil {
			return nil, err
		}
		all[name] = text
	}

	return all, nil
}

// readAuth reads the authentication options, and validates them as far as is possible
// without Keystone.
func (r *reader) readAuth(e *Entry) error {
	r.used["auth"] = true
	kind, err := r.authType()
	if err != nil {
		return err
	}
	if r.hasNoAuth() {
		return r.incomplete("its entry has no auth:",
			"auth: holds auth_url, and an application credential or a user with password and project")
	}

	url, err := r.option("auth_url")
	if err != nil {
		return err
	}

	at := r.auth.get("auth_url")
	if url, err = r.expand(value{text: url, at: at.at}, "auth_url"); err != nil {
		return err
	}
	if !isURL(url) {
		return r.incomplete("auth_url is missing or not a URL", "")
	}

	e.Auth = gophercloud.AuthOptions{IdentityEndpoint: strings.TrimSpace(url), AllowReauth: true}
	switch kind {
	case applicationCredential:
		err = r.readCredential(&e.Auth)
	case token, v3token:
		err = r.readToken(&e.Auth)
	default:
		err = r.readPassword(&e.Auth)
	}

	if err != nil {
		return err
	}

	return r.validateAuth(&e.Auth)
}

// hasNoAuth reports whether the entry has no authentication option at all.
func (r *reader) hasNoAuth() bool {
	for _, name := range authOptions {
		if r.entry.get(name).kind != null {
			return false
		}
	}
	return r.auth.kind == null
}

// incomplete is the error for an entry that lacks something. Its hint names the files
// that were searched, since a secure.yaml that was not found is the usual reason.
func (r *reader) incomplete(what, advice string) error {
	d := r.docs
	var looked string
	switch {
	case d.secure.name == "":
		looked = "there is no secure.yaml: " + d.secure.searched()
	case d.clouds.name == "":
		looked = "there is no clouds.yaml: " + d.clouds.searched()
	default:
		looked = "read together with " + d.secure.name
	}

	if advice == "" {
		advice = fmt.Sprintf("openstack --os-cloud %s token issue tries the same entry", r.name)
	}

	return hint.Wrap(fmt.Errorf("read cloud %q: %s: %s", r.name, d.file(), what), "%s; %s", looked, advice)
}

// validateAuth checks that gophercloud can build a request from the options.
func (r *reader) validateAuth(a *gophercloud.AuthOptions) error {
	scope, err := a.ToTokenV3ScopeMap()
	if err == nil {
		_, err = a.ToTokenV3CreateMap(scope)
	}
	if err != nil {
		return r.incomplete(err.Error(), "")
	}
	return nil
}
