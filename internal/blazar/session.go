package blazar

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/blazar/clouds"
	"github.com/chameleoncloud/refapi/internal/hint"
)

// session is the result of an authentication. gophercloud keeps its token, and
// requests a new one when a service responds 401.
type session struct {
	cloud       *clouds.Entry
	project     string // of the token, "" where it has none
	provider    *gophercloud.ProviderClient
	catalog     *tokens.ServiceCatalog
	reservation *gophercloud.ServiceClient
}

// connect returns the session, and authenticates where there is none.
func (c *Client) connect(ctx context.Context) (*session, error) {
	if s := c.session.Load(); s != nil {
		return s, nil
	}

	if err := c.connecting.Acquire(ctx, 1); err != nil {
		return nil, c.failure(ctx, nil, operation{doing: "wait for Keystone"}, err)
	}
	defer c.connecting.Release(1)

	// Another caller may have authenticated while this one waited.
	if s := c.session.Load(); s != nil {
		return s, nil
	}

	cloud, err := c.readEntry()
	if err != nil {
		return nil, err
	}

	s := &session{cloud: cloud}
	if err := c.authenticate(ctx, s); err != nil {
		c.forget(s)
		return nil, err
	}

	c.session.Store(s)
	return s, nil
}

// forget drops a session, which may be nil: the next call reads clouds.yaml,
// authenticates and reads the catalog again.
func (c *Client) forget(s *session) {
	if s != nil && s.provider != nil {
		c.session.CompareAndSwap(s, nil)
		s.provider.HTTPClient.CloseIdleConnections()
	}
}

// authenticate requests a token and the catalog, and finds Blazar in it.
func (c *Client) authenticate(ctx context.Context, s *session) (err error) {
	auth := &s.cloud.Auth
	try := operation{
		doing:    "authenticate at " + publicURL(auth.IdentityEndpoint),
		keystone: true, fallback: availability.ReasonConfig,
	}

	if s.provider, err = openstack.NewClient(auth.IdentityEndpoint); err != nil {
		return c.failure(ctx, s, try, err)
	}

	s.provider.UserAgent.Prepend(c.env.UserAgent)
	s.provider.HTTPClient = http.Client{
		Transport: newTransport(c.env.Getenv, c.env.Limits.Bytes, s.cloud.TLS),
		Timeout:   c.env.Timeout,
		// Redirects are not followed: Go would forward X-Auth-Token.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if s.cloud.Timeout > 0 {
		s.provider.HTTPClient.Timeout = min(c.env.Timeout, s.cloud.Timeout)
	}

	// Version 3 without discovery: behind proxies, the URLs in Keystone's list of
	// versions are often wrong. RetryFunc and RetryBackoffFunc stay unset, so that
	// gophercloud retries nothing: the caller has the schedule for that.
	if err := openstack.AuthenticateV3(ctx, s.provider, auth, gophercloud.EndpointOpts{}); err != nil {
		return c.failure(ctx, s, try, err)
	}

	// The result's type depends on how the entry authenticates.
	result, ok := s.provider.GetAuthResult().(interface {
		ExtractServiceCatalog() (*tokens.ServiceCatalog, error)
		ExtractProject() (*tokens.Project, error)
	})
	if !ok || s.provider.Token() == "" {
		return c.failure(ctx, s, try, malformed("", errors.New("the response has no token")))
	}
	if s.catalog, err = result.ExtractServiceCatalog(); err != nil {
		return c.failure(ctx, s, try, err)
	}

	// Only an endpoint override with a placeholder needs the project.
	if project, err := result.ExtractProject(); err == nil && project != nil {
		s.project = project.ID
	}

	found, err := c.locate(ctx, s, &s.cloud.Reservation, openstack.NewReservationV1)
	if err != nil {
		return err
	}

	s.reservation = found.client
	if c.env.Connected != nil {
		c.env.Connected(targetOf(s.cloud, found.client.ServiceURL(""), found.endpoints))
	}

	return nil
}

// location is where a service is.
type location struct {
	client *gophercloud.ServiceClient
	// endpoints are those of the catalog at the interface, the one in use first. There
	// are none where clouds.yaml has the URL.
	endpoints []tokens.Endpoint
}

// clientConstructor is a constructor of service clients in gophercloud.
type clientConstructor func(*gophercloud.ProviderClient, gophercloud.EndpointOpts) (*gophercloud.ServiceClient, error)

// locate finds a service at the URL in clouds.yaml, else at the first endpoint in the
// catalog that has the constructor's version of the API.
func (c *Client) locate(
	ctx context.Context, s *session, service *clouds.Service, newService clientConstructor,
) (location, error) {
	try := operation{doing: "find the " + service.Type + " service", fallback: availability.ReasonCatalog}
	if service.Override != "" {
		endpoint := service.URL(s.project)
		if endpoint != service.Override && s.project == "" {
			err := errors.New("the endpoint override needs a project, and the token has none")
			return location{}, c.failure(ctx, s, try, err)
		}

		s.provider.EndpointLocator = func(gophercloud.EndpointOpts) (string, error) {
			return gophercloud.NormalizeURL(endpoint), nil
		}
		client, err := newService(s.provider, gophercloud.EndpointOpts{})
		return location{client: client}, err
	}

	for _, name := range service.Interfaces {
		endpoints := endpointsOf(s.catalog, service, name)
		for i, e := range endpoints {
			// The library does not report which endpoint it chose: offer one at a time.
			one := &tokens.ServiceCatalog{Entries: []tokens.CatalogEntry{
				{Type: service.Type, Endpoints: endpoints[i : i+1]},
			}}

			// As gophercloud's default locator, which takes no context.
			s.provider.EndpointLocator = func(eo gophercloud.EndpointOpts) (string, error) {
				return openstack.V3Endpoint(ctx, s.provider, one, eo)
			}

			client, err := newService(s.provider, gophercloud.EndpointOpts{
				Type: service.Type, Availability: gophercloud.Availability(name),
			})
			if err == nil {
				others := slices.Delete(slices.Clone(endpoints), i, i+1)
				return location{client: client, endpoints: append([]tokens.Endpoint{e}, others...)}, nil
			}
			if !is[*gophercloud.ErrEndpointNotFound](err) {
				return location{}, c.failure(ctx, s, try, err)
			}
		}
	}

	return location{}, s.notInCatalog(service, try)
}

// endpointsOf lists a service's endpoints at an interface, of its region if it has one.
func endpointsOf(catalog *tokens.ServiceCatalog, s *clouds.Service, name string) (all []tokens.Endpoint) {
	for _, entry := range catalog.Entries {
		if entry.Type != s.Type || s.Name != "" && entry.Name != s.Name {
			continue
		}
		for _, e := range entry.Endpoints {
			inRegion := s.Region == "" || e.Region == s.Region || e.RegionID == s.Region
			if e.Interface == name && inRegion {
				all = append(all, e)
			}
		}
	}
	return all
}

// notInCatalog is the error for a service without an endpoint. Its hint lists what the
// catalog has.
func (s *session) notInCatalog(service *clouds.Service, try operation) error {
	where := ""
	if service.Name != "" {
		where += " with the name " + service.Name
	}
	if service.Region != "" {
		where += " in region " + service.Region
	}

	err := availability.Failf(availability.ReasonCatalog,
		"cloud %q: %s: Keystone's catalog has no %s endpoint for it%s",
		s.cloud.Name, try.doing, strings.Join(service.Interfaces, " or "), where)

	var has []string
	for _, entry := range s.catalog.Entries {
		has = append(has, entry.Type)
	}
	if len(has) == 0 {
		return hint.Wrap(err, "the catalog is empty: name a project in %s", s.cloud.File)
	}

	slices.Sort(has)
	return hint.Wrap(err, "the catalog has %s; region_name and interface in %s choose among their endpoints, and "+
		"%s_endpoint_override can name another URL", strings.Join(slices.Compact(has), ", "), s.cloud.File, service.Key)
}
