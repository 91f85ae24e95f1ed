package clouds

import (
	"fmt"

	"github.com/gophercloud/gophercloud/v2"
)

// readCredential reads an application credential. Its scope is fixed: Keystone rejects
// a request that names one.
func (r *reader) readCredential(a *gophercloud.AuthOptions) error {
	options, err := r.options("application_credential_id", "application_credential_secret")
	if err != nil {
		return err
	}

	a.ApplicationCredentialID = options["application_credential_id"]
	a.ApplicationCredentialSecret = options["application_credential_secret"]
	if a.ApplicationCredentialSecret == "" {
		return r.incomplete("application_credential_secret is missing", "")
	}
	if a.ApplicationCredentialID != "" {
		return nil
	}

	// A name is unique only together with the user.
	if a.ApplicationCredentialName, err = r.option("application_credential_name"); err != nil {
		return err
	}
	if a.ApplicationCredentialName == "" {
		return r.incomplete("application_credential_id is missing (or application_credential_name)", "")
	}

	return r.readUser(a)
}

// domainHint is the hint for a missing domain: the same entry works with the openstack
// command, but not with openstacksdk.
const domainHint = "most clouds use the domain Default, which the openstack command adds on its own: " +
	"domain_name: Default in auth: says so"

// readUser reads the user. An id takes precedence over a name, which needs a domain.
func (r *reader) readUser(a *gophercloud.AuthOptions) error {
	options, err := r.options("user_id", "username", "user_domain_id", "user_domain_name", "domain_id", "domain_name",
		"default_domain_id", "default_domain_name")
	if err != nil {
		return err
	}
	if a.UserID = options["user_id"]; a.UserID != "" {
		return nil
	}
	if a.Username = options["username"]; a.Username == "" {
		return r.incomplete("username is missing (or user_id)", "")
	}

	// Without a project, domain_id and domain_name are the scope: then they are the
	// user's domain only if no other is given.
	if project, err := r.hasProject(); err != nil {
		return err
	} else if project {
		a.DomainID, a.DomainName = domain(options, "user_domain", "domain", "default_domain")
	} else {
		a.DomainID, a.DomainName = domain(options, "user_domain", "default_domain")
	}

	if a.DomainID == "" && a.DomainName == "" {
		a.DomainID, a.DomainName = domain(options, "domain")
	}

	if a.DomainID == "" && a.DomainName == "" {
		return r.incomplete("user_domain_name is missing (or user_domain_id)", domainHint)
	}

	return nil
}

// domain returns the first id of a domain, else the first name of one.
func domain(options map[string]string, prefixes ...string) (id, name string) {
	for _, prefix := range prefixes {
		if id := options[prefix+"_id"]; id != "" {
			return id, ""
		}
	}

	for _, prefix := range prefixes {
		if name := options[prefix+"_name"]; name != "" {
			return "", name
		}
	}

	return "", ""
}

func (r *reader) readPassword(a *gophercloud.AuthOptions) (err error) {
	if err := r.readUser(a); err != nil {
		return err
	}
	if a.Password, err = r.option("password"); err != nil {
		return err
	}
	if a.Password == "" {
		return r.incomplete("password is missing", "")
	}

	return r.readScope(a)
}

// readToken reads a token. It cannot be renewed when it expires.
func (r *reader) readToken(a *gophercloud.AuthOptions) (err error) {
	a.AllowReauth = false
	if a.TokenID, err = r.option("token"); err != nil {
		return err
	}
	if a.TokenID == "" {
		return r.incomplete("token is missing", "")
	}
	return r.readScope(a)
}

// hasProject reports whether the scope is a project.
func (r *reader) hasProject() (bool, error) {
	options, err := r.options("project_id", "project_name")
	return options["project_id"] != "" || options["project_name"] != "", err
}

// readScope reads the scope of the token. As in keystoneauth, a project, a domain and a
// trust exclude each other, and take precedence over system_scope.
func (r *reader) readScope(a *gophercloud.AuthOptions) error {
	options, err := r.options("project_id", "project_name", "project_domain_id", "project_domain_name",
		"domain_id", "domain_name", "default_domain_id", "default_domain_name", "trust_id", "system_scope")
	if err != nil {
		return err
	}

	project := options["project_id"] != "" || options["project_name"] != ""
	general := !project && (options["domain_id"] != "" || options["domain_name"] != "")
	if options["trust_id"] != "" && (project || general) {
		return fmt.Errorf("read cloud %q: %s: trust_id and a project or a domain are different scopes, and a token has one: "+
			"keep one of them", r.name, r.docs.file())
	}

	s := &gophercloud.AuthScope{TrustID: options["trust_id"], ProjectID: options["project_id"]}
	switch {
	case s.TrustID != "", s.ProjectID != "": // an id needs no domain
	case project:
		s.ProjectName = options["project_name"]
		s.DomainID, s.DomainName = domain(options, "project_domain", "domain", "default_domain")
		if s.DomainID == "" && s.DomainName == "" {
			return r.incomplete("project_domain_name is missing (or project_domain_id)", domainHint)
		}

	case general:
		s.DomainID, s.DomainName = domain(options, "domain")
	case options["system_scope"] == "all":
		s.System = true
	case options["system_scope"] != "":
		return fmt.Errorf("read cloud %q: %s: system_scope must be all", r.name, r.docs.file())
	default:
		return nil // Keystone uses the user's default project
	}

	if v := r.auth.get("system_scope"); v.kind != null && !s.System {
		r.note(v, "auth.system_scope", true, "overridden by another scope")
	}

	a.Scope = s
	return nil
}
