package blazar

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hint"
)

// session is what a successful authentication gives. The library keeps its
// token, and gets another one when a service answers 401.
type session struct {
	cloud       *cloud
	provider    *gophercloud.ProviderClient
	catalog     *tokens.ServiceCatalog
	reservation *gophercloud.ServiceClient
	compute     *gophercloud.ServiceClient // nil until a flavor was asked for
}

// sessionKeeper holds the session in use. Whoever has put a value into busy
// may change it.
type sessionKeeper struct {
	current *atomic.Pointer[session]
	busy    chan struct{}
}

func newSessionKeeper() sessionKeeper {
	return sessionKeeper{current: new(atomic.Pointer[session]), busy: make(chan struct{}, 1)}
}

// connect gives the session, and makes it first where there is none.
func (c *Client) connect(ctx context.Context) (*session, error) {
	if s := c.session.current.Load(); s != nil {
		return s, nil
	}
	select {
	case c.session.busy <- struct{}{}:
		defer func() { <-c.session.busy }()
	case <-ctx.Done():
		return nil, c.failed(ctx, nil, attempt{doing: "wait for Keystone"}, ctx.Err())
	}
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

// forget drops a session: the next call reads clouds.yaml, authenticates and
// looks at the catalog anew.
func (c *Client) forget(s *session) {
	if s != nil && s.provider != nil {
		c.session.current.CompareAndSwap(s, nil)
		s.provider.HTTPClient.CloseIdleConnections()
	}
}

func (c *Client) authenticate(ctx context.Context) (*session, error) {
	cloud, err := readCloud(c.options)
	if err != nil {
		return nil, err
	}
	s := &session{cloud: cloud}
	try := attempt{doing: "authenticate at " + identity(cloud.auth.IdentityEndpoint), keystone: true, otherwise: availability.ReasonConfig}
	if s.provider, err = openstack.NewClient(cloud.auth.IdentityEndpoint); err != nil {
		return nil, c.failed(ctx, s, try, err)
	}
	s.provider.HTTPClient = http.Client{
		Transport:     transport(c.options, cloud.tls),
		Timeout:       c.options.Timeout,
		CheckRedirect: noRedirects,
	}
	s.provider.UserAgent.Prepend(c.options.UserAgent)
	// Version 3 without looking at Keystone's list of versions: behind proxies
	// its addresses are often wrong. Nothing is tried twice in here, since
	// neither RetryFunc nor RetryBackoffFunc is set: the caller knows when to.
	if err := openstack.AuthenticateV3(ctx, s.provider, &cloud.auth, gophercloud.EndpointOpts{}); err != nil {
		return nil, s.giveUp(c.failed(ctx, s, try, err))
	}
	result, ok := s.provider.GetAuthResult().(interface {
		ExtractServiceCatalog() (*tokens.ServiceCatalog, error)
	})
	if !ok || s.provider.Token() == "" {
		return nil, s.giveUp(c.failed(ctx, s, try, &malformed{err: errors.New("the answer has no token")}))
	}
	if s.catalog, err = result.ExtractServiceCatalog(); err != nil {
		return nil, s.giveUp(c.failed(ctx, s, try, err))
	}
	if s.reservation, err = c.locate(ctx, s, "reservation", openstack.NewReservationV1); err != nil {
		return nil, s.giveUp(err)
	}
	return s, nil
}

// giveUp lets go of the connections of a session that comes to nothing.
func (s *session) giveUp(err error) error {
	s.provider.HTTPClient.CloseIdleConnections()
	return err
}

// maker is one of the library's constructors of service clients.
type maker func(*gophercloud.ProviderClient, gophercloud.EndpointOpts) (*gophercloud.ServiceClient, error)

// locate finds a service in the catalog. The caller has made itself busy.
func (c *Client) locate(ctx context.Context, s *session, service string, newService maker) (*gophercloud.ServiceClient, error) {
	// The library's own locator knows no context.
	s.provider.EndpointLocator = func(eo gophercloud.EndpointOpts) (string, error) {
		return openstack.V3Endpoint(ctx, s.provider, s.catalog, eo)
	}
	client, err := newService(s.provider, s.cloud.endpoint)
	if err == nil {
		return client, nil
	}
	try := attempt{doing: "find the " + service + " service", otherwise: availability.ReasonCatalog}
	var missing *gophercloud.ErrEndpointNotFound
	if !errors.As(err, &missing) {
		return nil, c.failed(ctx, s, try, err)
	}
	var has []string
	for _, entry := range s.catalog.Entries {
		if !slices.Contains(has, entry.Type) {
			has = append(has, entry.Type)
		}
	}
	slices.Sort(has)
	where := ""
	if region := s.cloud.endpoint.Region; region != "" {
		where = " in region " + region
	}
	err = availability.Failf(availability.ReasonCatalog, "cloud %q: %s: Keystone's catalog has no %s endpoint of it%s",
		s.cloud.name, try.doing, s.cloud.endpoint.Availability, where)
	if len(has) == 0 {
		return nil, hint.Wrap(err, "the catalog is empty: name a project in %s", s.cloud.file)
	}
	return nil, hint.Wrap(err, "the catalog has %s; region_name and interface in %s choose among their endpoints", strings.Join(has, ", "), s.cloud.file)
}

// computeService finds Nova, once a session.
func (c *Client) computeService(ctx context.Context, s *session) (*gophercloud.ServiceClient, error) {
	select {
	case c.session.busy <- struct{}{}:
		defer func() { <-c.session.busy }()
	case <-ctx.Done():
		return nil, c.failed(ctx, s, attempt{doing: "find the compute service"}, ctx.Err())
	}
	if s.compute == nil {
		client, err := c.locate(ctx, s, "compute", openstack.NewComputeV2)
		if err != nil {
			return nil, err
		}
		s.compute = client
	}
	return s.compute, nil
}

// identity is Keystone's address without credentials.
func identity(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "Keystone"
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// origin is the scheme and host of a service's address: its path may have the
// project's id.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "its endpoint"
	}
	return u.Scheme + "://" + u.Host
}
