package clouds

import (
	"fmt"

	"github.com/gophercloud/gophercloud/v2"
)

// readCredential reads an application credential. It has a scope of its own,
// and Keystone refuses others.
func (r *reader) readCredential(a *gophercloud.AuthOptions) error {
	o, err := r.options("application_credential_id", "application_credential_secret")
	if err != nil {
		return err
	}

	a.ApplicationCredentialID = o["application_credential_id"]
	a.ApplicationCredentialSecret = o["application_credential_secret"]
	if a.ApplicationCredentialSecret == "" {
		return r.incomplete("application_credential_secret is missing", "")
	}
	if a.ApplicationCredentialID != "" {
		return nil
	}
	if a.ApplicationCredentialName, err = r.option("application_credential_name"); err != nil {
		return err
	}
	if a.ApplicationCredentialName == "" {
		return r.incomplete("application_credential_id is missing (or application_credential_name)", "")
	}

	return r.readUser(a)
}

// domainHint is the advice where a domain is missing: the same entry works with
// the openstack command, but not with openstacksdk.
const domainHint = "most clouds use the domain Default, which the openstack command adds on its own: " +
	"domain_name: Default in auth: says so"

// readUser reads who it is. An id goes before a name.
func (r *reader) readUser(a *gophercloud.AuthOptions) error {
	o, err := r.options("user_id", "username", "user_domain_id", "user_domain_name", "domain_id", "domain_name",
		"default_domain_id", "default_domain_name")
	if err != nil {
		return err
	}
	if a.UserID = o["user_id"]; a.UserID != "" {
		return nil
	}
	if a.Username = o["username"]; a.Username == "" {
		return r.incomplete("username is missing (or user_id)", "")
	}

	// A general domain is the user's where it is not the scope.
	if project, err := r.hasProject(); err != nil {
		return err
	} else if project {
		a.DomainID, a.DomainName = domain(o, "user_domain", "domain", "default_domain")
	} else {
		a.DomainID, a.DomainName = domain(o, "user_domain", "default_domain")
	}

	if a.DomainID == "" && a.DomainName == "" {
		a.DomainID, a.DomainName = domain(o, "domain")
	}

	if a.DomainID == "" && a.DomainName == "" {
		return r.incomplete("user_domain_name is missing (or user_domain_id)", domainHint)
	}

	return nil
}

// domain picks the first domain that is given by its id, else the first that is
// given by its name.
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

// readToken reads a token. Nothing gets another one when it expires.
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
	o, err := r.options("project_id", "project_name")
	return o["project_id"] != "" || o["project_name"] != "", err
}

// readScope reads what the token shall be good for. As for keystoneauth, a
// project, a domain and a trust exclude each other, and go before system_scope.
func (r *reader) readScope(a *gophercloud.AuthOptions) error {
	o, err := r.options("project_id", "project_name", "project_domain_id", "project_domain_name",
		"domain_id", "domain_name", "default_domain_id", "default_domain_name", "trust_id", "system_scope")
	if err != nil {
		return err
	}

	project := o["project_id"] != "" || o["project_name"] != ""
	general := !project && (o["domain_id"] != "" || o["domain_name"] != "")
	if o["trust_id"] != "" && (project || general) {
		return fmt.Errorf("read cloud %q: %s: trust_id and a project or a domain are different scopes, and a token has one: "+
			"keep one of them", r.name, r.docs.file())
	}

	s := &gophercloud.AuthScope{TrustID: o["trust_id"], ProjectID: o["project_id"]}
	switch {
	case s.TrustID != "", s.ProjectID != "":
	case project:
		s.ProjectName = o["project_name"]
		s.DomainID, s.DomainName = domain(o, "project_domain", "domain", "default_domain")
		if s.DomainID == "" && s.DomainName == "" {
			return r.incomplete("project_domain_name is missing (or project_domain_id)", domainHint)
		}

	case general:
		s.DomainID, s.DomainName = domain(o, "domain")
	case o["system_scope"] == "all":
		s.System = true
	case o["system_scope"] != "":
		return fmt.Errorf("read cloud %q: %s: system_scope must be all", r.name, r.docs.file())
	default:
		return nil // Keystone gives the user's default project
	}

	if v := r.auth.get("system_scope"); v.kind != null && !s.System {
		r.note(v, "auth.system_scope", true, "overridden by another scope")
	}

	a.Scope = s
	return nil
}
