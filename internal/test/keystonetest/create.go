package keystonetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// The user that is there, beside the admin, with the role reader in a project.
const (
	User     = "reader"
	Password = "keystonetest-reader"
	Project  = "readers"
)

// Credential is an application credential.
type Credential struct{ ID, Secret string }

// createUser makes the project and the user.
func (s *Server) createUser(t testing.TB) {
	t.Helper()
	a, _ := s.login(t, "admin", AdminPassword, "admin")
	defer a.client.CloseIdleConnections()

	project := a.create(t, "project", map[string]any{"name": Project, "domain_id": "default"})
	user := a.create(t, "user",
		map[string]any{"name": User, "password": Password, "domain_id": "default", "default_project_id": project})
	var roles struct{ Roles []struct{ ID string } }
	a.do(t, http.MethodGet, "/roles?name=reader", nil, &roles)

	if len(roles.Roles) != 1 {
		t.Fatalf("Keystone has %d roles reader", len(roles.Roles))
	}

	a.do(t, http.MethodPut, "/projects/"+project+"/users/"+user+"/roles/"+roles.Roles[0].ID, nil, nil)
}

// Register adds a region to the catalog, with public endpoints by service type.
func (s *Server) Register(t testing.TB, region string, endpoints map[string]string) {
	t.Helper()
	a, _ := s.login(t, "admin", AdminPassword, "admin")
	defer a.client.CloseIdleConnections()

	a.create(t, "region", map[string]any{"id": region})
	for kind, url := range endpoints {
		service := a.create(t, "service", map[string]any{"type": kind, "name": kind})
		a.create(t, "endpoint", map[string]any{"service_id": service, "interface": "public", "region_id": region,
			"url": url})
	}
}

// Credential makes an application credential of the user's.
func (s *Server) Credential(t testing.TB, name string) Credential {
	t.Helper()
	a, user := s.login(t, User, Password, Project)
	defer a.client.CloseIdleConnections()

	var got struct {
		Credential struct{ ID, Secret string } `json:"application_credential"`
	}

	a.do(t, http.MethodPost, "/users/"+user+"/application_credentials",
		map[string]any{"application_credential": map[string]any{"name": name}}, &got)
	return Credential{got.Credential.ID, got.Credential.Secret}
}

// PasswordEntry is the user's entry for clouds.yaml, in a region.
func (s *Server) PasswordEntry(region string) string {
	return fmt.Sprintf(`auth:
  auth_url: %s
  username: %s
  password: %s
  project_name: %s
  user_domain_name: Default
  project_domain_name: Default
region_name: %s
`, s.URL, User, Password, Project, region)
}

// Entry is the application credential's entry for clouds.yaml.
func (s *Server) Entry(c Credential, region string) string {
	return fmt.Sprintf(`auth_type: v3applicationcredential
auth:
  auth_url: %s
  application_credential_id: %s
  application_credential_secret: %s
region_name: %s
`, s.URL, c.ID, c.Secret, region)
}

// Revoke ends a token's life.
func (s *Server) Revoke(t testing.TB, token string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodDelete, s.URL+"/auth/tokens", nil)
	if err != nil {
		t.Fatal(err)
	}

	req.Header.Set("X-Auth-Token", token)
	req.Header.Set("X-Subject-Token", token)

	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}

	resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Fatalf("revoke a token: %s", resp.Status)
	}
}

// api asks Keystone with a token.
type api struct {
	url    string
	token  string
	client http.Client
}

// login gets a token.
func (s *Server) login(t testing.TB, user, password, project string) (a *api, userID string) {
	t.Helper()
	a = &api{url: s.URL}
	domain := map[string]any{"id": "default"}
	body := map[string]any{"auth": map[string]any{
		"identity": map[string]any{
			"methods":  []string{"password"},
			"password": map[string]any{"user": map[string]any{"name": user, "password": password, "domain": domain}},
		},
		"scope": map[string]any{"project": map[string]any{"name": project, "domain": domain}},
	}}

	var got struct {
		Token struct{ User struct{ ID string } }
	}

	header, err := a.send(http.MethodPost, "/auth/tokens", body, &got)
	if err != nil {
		t.Fatal(err)
	}

	a.token = header.Get("X-Subject-Token")
	return a, got.Token.User.ID
}

// create makes an object, and returns its id.
func (a *api) create(t testing.TB, kind string, object map[string]any) string {
	t.Helper()
	var got map[string]struct{ ID string }
	a.do(t, http.MethodPost, "/"+kind+"s", map[string]any{kind: object}, &got)
	return got[kind].ID
}

func (a *api) do(t testing.TB, method, path string, body, answer any) {
	t.Helper()
	if _, err := a.send(method, path, body, answer); err != nil {
		t.Fatal(err)
	}
}

func (a *api) send(method, path string, body, answer any) (http.Header, error) {
	var in bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&in).Encode(body); err != nil {
			return nil, err
		}
	}

	req, err := http.NewRequest(method, a.url+path, &in)
	if err != nil {
		return nil, err
	}

	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Auth-Token", a.token)
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()

	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		return nil, fmt.Errorf("keystone: %s %s: %s: %s", method, path, resp.Status, text)
	}
	if answer != nil {
		return resp.Header, json.Unmarshal(text, answer)
	}

	return resp.Header, nil
}
