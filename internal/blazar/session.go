package blazar

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

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
	compute     *gophercloud.ServiceClient // nil until a flavor was requested
}

// sessionCache is the session in use. busy is a mutex that honors a context: it is
// held while the session is created or completed.
type sessionCache struct {
	current *atomic.Pointer[session]
	busy    chan struct{}
}

func newSessionKeeper() sessionCache {
	return sessionCache{current: new(atomic.Pointer[session]), busy: make(chan struct{}, 1)}
}

// connect returns the session, and authenticates where there is none.
func (c *Client) connect(ctx context.Context) (*session, error) {
	if s := c.session.current.Load(); s != nil {
		return s, nil
	}

	select {
	case c.session.busy <- struct{}{}:
		defer func() { <-c.session.busy }()
	case <-ctx.Done():
		return nil, c.failure(ctx, nil, operation{doing: "wait for Keystone"}, ctx.Err())
	}

	// Another caller may have authenticated while this one waited.
	if s := c.session.current.Load(); s != nil {
		return s, nil
	}

	s, err := c.authenticate(ctx)
	if err != nil {
		return nil, err
	}

	c.session.current.Store(s)
	return s, nil
}

// forget drops a session: the next call reads clouds.yaml, authenticates and reads
// the catalog again.
func (c *Client) forget(s *session) {
	if s != nil && s.provider != nil {
		c.session.current.CompareAndSwap(s, nil)
		s.provider.HTTPClient.CloseIdleConnections()
	}
}

func (c *Client) authenticate(ctx context.Context) (*session, error) {
	cloud, err := readEntry(c.options)
	if err != nil {
		return nil, err
	}

	s := &session{cloud: cloud}
	try := operation{
		doing:    "authenticate at " + keystoneURL(cloud.Auth.IdentityEndpoint),
		keystone: true, fallback: availability.ReasonConfig,
	}

	if s.provider, err = openstack.NewClient(cloud.Auth.IdentityEndpoint); err != nil {
		return nil, c.failure(ctx, s, try, err)
	}

	s.provider.HTTPClient = http.Client{
		Transport:     transport(c.options, cloud.TLS),
		Timeout:       exchangeTimeout(c.options, cloud),
		CheckRedirect: noRedirects,
	}

	s.provider.UserAgent.Prepend(c.options.UserAgent)

	// Version 3 without discovery: behind proxies, the URLs in Keystone's list of
	// versions are often wrong. RetryFunc and RetryBackoffFunc stay unset, so that
	// gophercloud retries nothing: the caller has the schedule for that.
	if err := openstack.AuthenticateV3(ctx, s.provider, &cloud.Auth, gophercloud.EndpointOpts{}); err != nil {
		return nil, s.closeIdle(c.failure(ctx, s, try, err))
	}

	// The result's type depends on how the entry authenticates.
	result, ok := s.provider.GetAuthResult().(interface {
		ExtractServiceCatalog() (*tokens.ServiceCatalog, error)
		ExtractProject() (*tokens.Project, error)
	})
	if !ok || s.provider.Token() == "" {
		return nil, s.closeIdle(c.failure(ctx, s, try, &malformed{err: errors.New("the response has no token")}))
	}
	if s.catalog, err = result.ExtractServiceCatalog(); err != nil {
		return nil, s.closeIdle(c.failure(ctx, s, try, err))
	}

	// Only an endpoint override with a placeholder needs the project.
	if project, err := result.ExtractProject(); err == nil && project != nil {
		s.project = project.ID
	}

	if s.reservation, err = c.locate(ctx, s, &cloud.Reservation, openstack.NewReservationV1); err != nil {
		return nil, s.closeIdle(err)
	}

	if c.options.Connected != nil {
		c.options.Connected(targetOf(cloud).withEndpoint(&cloud.Reservation, s.catalog, s.reservation))
	}

	return s, nil
}

// exchangeTimeout is the shorter of the configuration's and clouds.yaml's.
func exchangeTimeout(options Options, cloud *clouds.Entry) time.Duration {
	if cloud.Timeout > 0 {
		return min(options.Timeout, cloud.Timeout)
	}
	return options.Timeout
}

// closeIdle closes the connections of a session that could not be completed, and
// returns the error.
func (s *session) closeIdle(err error) error {
	s.provider.HTTPClient.CloseIdleConnections()
	return err
}

// clientConstructor is a constructor of service clients in gophercloud.
type clientConstructor func(*gophercloud.ProviderClient, gophercloud.EndpointOpts) (*gophercloud.ServiceClient, error)

// locate returns a client for the URL in clouds.yaml, else for the endpoint in the
// catalog. The caller must hold sessionCache.busy.
func (c *Client) locate(
	ctx context.Context, s *session, service *clouds.Service, newService clientConstructor,
) (*gophercloud.ServiceClient, error) {
	try := operation{doing: "find the " + service.Type + " service", fallback: availability.ReasonCatalog}
	if service.Override != "" {
		endpoint := service.URL(s.project)
		if endpoint != service.Override && s.project == "" {
			err := errors.New("the endpoint override needs a project, and the token has none")
			return nil, c.failure(ctx, s, try, err)
		}

		s.provider.EndpointLocator = func(gophercloud.EndpointOpts) (string, error) {
			return gophercloud.NormalizeURL(endpoint), nil
		}

		return newService(s.provider, gophercloud.EndpointOpts{})
	}

	// As gophercloud's default locator, which takes no context.
	s.provider.EndpointLocator = func(eo gophercloud.EndpointOpts) (string, error) {
		return openstack.V3Endpoint(ctx, s.provider, s.catalog, eo)
	}

	for _, name := range service.Interfaces {
		client, err := newService(s.provider, gophercloud.EndpointOpts{
			Type: service.Type, Name: service.Name, Region: service.Region, Availability: name,
		})
		if err == nil {
			return client, nil
		}

		var missing *gophercloud.ErrEndpointNotFound
		if !errors.As(err, &missing) {
			return nil, c.failure(ctx, s, try, err)
		}
	}

	return nil, s.notInCatalog(service, try)
}

// notInCatalog is the error for a service without an endpoint. Its hint lists what the
// catalog has.
func (s *session) notInCatalog(service *clouds.Service, try operation) error {
	var has []string
	for _, entry := range s.catalog.Entries {
		if !slices.Contains(has, entry.Type) {
			has = append(has, entry.Type)
		}
	}

	slices.Sort(has)
	names := make([]string, len(service.Interfaces))
	for i, name := range service.Interfaces {
		names[i] = string(name)
	}

	where := ""
	if service.Name != "" {
		where += " with the name " + service.Name
	}
	if service.Region != "" {
		where += " in region " + service.Region
	}

	err := availability.Failf(availability.ReasonCatalog,
		"cloud %q: %s: Keystone's catalog has no %s endpoint for it%s",
		s.cloud.Name, try.doing, strings.Join(names, " or "), where)

	if len(has) == 0 {
		return hint.Wrap(err, "the catalog is empty: name a project in %s", s.cloud.File)
	}

	return hint.Wrap(err, "the catalog has %s; region_name and interface in %s choose among their endpoints, and "+
		"%s_endpoint_override can name another URL", strings.Join(has, ", "), s.cloud.File, service.Key)
}

// computeService returns the client for Nova, which is located once per session.
func (c *Client) computeService(ctx context.Context, s *session) (*gophercloud.ServiceClient, error) {
	select {
	case c.session.busy <- struct{}{}:
		defer func() { <-c.session.busy }()
	case <-ctx.Done():
		return nil, c.failure(ctx, s, operation{doing: "find the compute service"}, ctx.Err())
	}

	if s.compute == nil {
		client, err := c.locate(ctx, s, &s.cloud.Compute, openstack.NewComputeV2)
		if err != nil {
			return nil, err
		}
		s.compute = client
	}

	return s.compute, nil
}
