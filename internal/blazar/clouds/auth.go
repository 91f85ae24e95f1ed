package clouds

import (
	"cmp"
	"errors"
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

// unsupported are other values of auth_type, and why they are not supported.
var unsupported = []struct{ why, names string }{
	{"needs an interactive login", "v3oidcauthcode v3oidcdeviceauthz v3chameleonoidc v3websso"},
	{"needs a one-time passcode from a device", "v3totp v3multifactor"},
	{"belongs to version 2 of Keystone's API, which Keystone has removed", "v2password v2token"},
	{"sends no token, and availapi finds services in Keystone's catalog", "none noauth http_basic"},
	{"has no catalog, in which availapi finds services", "admin_token token_endpoint"},
	{"is not supported", "v3oidcpassword v3oidcaccesstoken v3oidcclientcredentials v3samlpassword v3adfspassword " +
		"v3kerberos v3fedkerb v3oauth1 v3tokenlessauth v3k2ksaml2 v3oauth2mtlsclientcredential " +
		"v3oauth2clientcredential"},
}

// authType returns the auth_type of the entry, or guesses it from the keys.
func (r *reader) authType() string {
	key, v := "auth_type", r.take("auth_type")
	if old := r.take("auth_plugin"); v.kind == null {
		key, v = "auth_plugin", old
	}

	name := r.scalar(v, key)
	switch {
	case name == "":
		return r.guessAuthType()
	case name == "None":
		name = "none" // as openstacksdk reads it
	case slices.Contains(supported, name):
		return name
	}

	problem := fmt.Sprintf("availapi does not know auth_type %q; it knows", name)
	advice := "create an application credential, whose auth_type is " + applicationCredential
	if name == "v3chameleonoidc" {
		advice += ": cc-login --output-clouds-yaml writes one"
	}
	if near := hint.Nearest(name, supported); near != "" {
		advice = fmt.Sprintf("did you mean %s? Else %s", near, advice)
	}

	for _, u := range unsupported {
		if slices.Contains(strings.Fields(u.names), name) {
			problem = fmt.Sprintf("auth_type %q %s; availapi knows", name, u.why)
		}
	}

	r.stop(fmt.Errorf("%s: %s %s", v.at, problem, strings.Join(supported, ", ")), advice)
	return name
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
var formerNames = map[string]string{
	"username":          "user_name",
	"project_id":        "tenant_id",
	"project_name":      "tenant_name",
	"token":             "auth_token",
	"default_domain_id": "default_domain",
}

// takeOption finds an authentication option, which may be in auth: or next to it, and
// have its current or a deprecated name. It also returns the key, for an error. The
// order of precedence is openstacksdk's.
func (r *reader) takeOption(name string) (value, string) {
	var found value
	var from string
	take := func(v value, key string) {
		switch v = v.orEmpty(); {
		case found.kind == null && v.kind != null:
			found, from = v, key
		case v.kind != null && v.text != found.text:
			r.note(v, key, true, "%s takes precedence", from)
		}
	}

	inside := func(name string) {
		r.usedAuth[name] = true
		take(r.auth.get(name), "auth."+name)
	}
	outside := func(name string) { take(r.take(name), name) }

	old := formerNames[name]
	switch {
	case old == "":
		inside(name)
		outside(name)
	case name == "username":
		inside(name)
		inside(old)
		outside(name)
		outside(old)
	default:
		inside(name)
		outside(name)
		inside(old)
		outside(old)
	}

	return found, from
}

// option reads an authentication option, "" where there is none.
func (r *reader) option(name string) string { return r.scalar(r.takeOption(name)) }

// require reads an authentication option that the entry must have.
func (r *reader) require(name string) string {
	text := r.option(name)
	if text == "" {
		r.incomplete(name+" is missing", "")
	}
	return text
}

// domain is a domain of Keystone, by its id or else by its name.
type domain struct{ id, name string }

// domain reads the first id of a domain, else the first name of one.
func (r *reader) domain(prefixes ...string) domain {
	var d domain
	for _, prefix := range prefixes {
		d.id = cmp.Or(d.id, r.option(prefix+"_id"))
		d.name = cmp.Or(d.name, r.option(prefix+"_name"))
	}
	if d.id != "" {
		d.name = ""
	}
	return d
}

// requireDomain reports a missing domain. Its hint is about an entry that works with the
// openstack command, but not with openstacksdk.
func (r *reader) requireDomain(d domain, prefix string) (id, name string) {
	if d == (domain{}) {
		r.incomplete(fmt.Sprintf("%s_name is missing (or %s_id)", prefix, prefix),
			"most clouds use the domain Default, which the openstack command adds on its own: "+
				"domain_name: Default in auth: says so")
	}
	return d.id, d.name
}

// readAuth reads the authentication options, and validates them as far as is possible
// without Keystone.
func (r *reader) readAuth() gophercloud.AuthOptions {
	r.used["auth"] = true
	kind := r.authType()
	inEntry := func(name string) bool { return r.entry.get(name).kind != null }
	if r.auth.kind == null && !slices.ContainsFunc(authOptions, inEntry) {
		r.incomplete("its entry has no auth:",
			"auth: holds auth_url, and an application credential or a user with password and project")
	}

	a := gophercloud.AuthOptions{AllowReauth: true}
	a.IdentityEndpoint = strings.TrimSpace(r.expand(r.takeOption("auth_url")))
	if !isURL(a.IdentityEndpoint) {
		r.incomplete("auth_url is missing or not a URL", "")
	}

	switch kind {
	case applicationCredential:
		r.readCredential(&a)
	case token, v3token:
		a.AllowReauth = false // a token cannot be renewed when it expires
		a.TokenID = r.require("token")
		a.Scope = r.readScope()
	default:
		r.readUser(&a)
		a.Password = r.require("password")
		a.Scope = r.readScope()
	}

	// Whether gophercloud can build a request from the options.
	scope, err := a.ToTokenV3ScopeMap()
	if err == nil {
		_, err = a.ToTokenV3CreateMap(scope)
	}
	if err != nil {
		r.incomplete(err.Error(), "")
	}

	return a
}

// incomplete records that an entry lacks something. The hint names the files that were
// searched, since a secure.yaml that was not found is the usual reason.
func (r *reader) incomplete(what, advice string) {
	looked := "read together with " + r.docs.secure.name
	if r.docs.secure.name == "" {
		looked = "there is no secure.yaml: " + r.docs.secure.searched()
	} else if r.docs.clouds.name == "" {
		looked = "there is no clouds.yaml: " + r.docs.clouds.searched()
	}

	advice = cmp.Or(advice, fmt.Sprintf("openstack --os-cloud %s token issue tries the same entry", r.name))
	r.stop(fmt.Errorf("%s: %s", r.docs.file(), what), looked+"; "+advice)
}

// readCredential reads an application credential. Its scope is fixed: Keystone rejects
// a request that names one.
func (r *reader) readCredential(a *gophercloud.AuthOptions) {
	a.ApplicationCredentialID = r.option("application_credential_id")
	a.ApplicationCredentialSecret = r.require("application_credential_secret")
	if a.ApplicationCredentialID != "" {
		return
	}

	a.ApplicationCredentialName = r.option("application_credential_name")
	if a.ApplicationCredentialName == "" {
		r.incomplete("application_credential_id is missing (or application_credential_name)", "")
	}
	r.readUser(a) // a name is unique only together with the user
}

// readUser reads the user. An id takes precedence over a name, which needs a domain.
func (r *reader) readUser(a *gophercloud.AuthOptions) {
	d := r.domain("user_domain", "domain", "default_domain")
	a.UserID, a.Username = r.option("user_id"), r.option("username")
	if a.UserID != "" {
		a.Username = ""
		return
	}
	if a.Username == "" {
		r.incomplete("username is missing (or user_id)", "")
	}

	// Without a project, domain_id and domain_name are the scope: then they are the
	// user's domain only if no other is given.
	if cmp.Or(r.option("project_id"), r.option("project_name")) == "" {
		d = cmp.Or(r.domain("user_domain", "default_domain"), r.domain("domain"))
	}
	a.DomainID, a.DomainName = r.requireDomain(d, "user_domain")
}

// readScope reads the scope of the token, nil for the user's default project. As in
// keystoneauth, a project, a domain and a trust exclude each other, and take precedence
// over system_scope.
func (r *reader) readScope() *gophercloud.AuthScope {
	trust, projectID, projectName := r.option("trust_id"), r.option("project_id"), r.option("project_name")
	ofProject, general := r.domain("project_domain", "domain", "default_domain"), r.domain("domain")
	system := r.option("system_scope")
	s := new(gophercloud.AuthScope)

	switch {
	case trust != "" && (projectID != "" || projectName != "" || general != (domain{})):
		r.stop(errors.New(r.docs.file()+": trust_id and a project or a domain are different scopes, and a token "+
			"has one: keep one of them"), "")
	case trust != "":
		s.TrustID = trust
	case projectID != "": // needs no domain
		s.ProjectID = projectID
	case projectName != "":
		s.ProjectName = projectName
		s.DomainID, s.DomainName = r.requireDomain(ofProject, "project_domain")
	case general != (domain{}):
		s.DomainID, s.DomainName = general.id, general.name
	case system == "all":
		s.System = true
		return s
	case system != "":
		r.stop(errors.New(r.docs.file()+": system_scope must be all"), "")
	default:
		return nil
	}

	if v := r.auth.get("system_scope"); v.kind != null {
		r.note(v, "auth.system_scope", true, "overridden by another scope")
	}

	return s
}
