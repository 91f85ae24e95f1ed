package nginxconf

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/webhook"
)

// workerConnections bounds the connections of one nginx process, to clients and
// to availapi together.
const workerConnections = 8192

// model is the data of the template: the operator's choices, and the facts that nginx
// shares with the other servers.
type model struct {
	Options
	Facts map[string]any
}

func newModel(opts Options) model {
	immutable := route.CacheClasses()[0]
	return model{opts, map[string]any{
		"WorkerConnections": workerConnections,
		"OpenFiles":         2*workerConnections + 1024,
		"CutOff":            strings.TrimSuffix(opts.Base, opts.PathPrefix), // path that a proxy in front removes

		"Client": map[string]string{config.LogFull: "$remote_addr", config.LogShort: "$refapi_client", config.LogNone: "-"}[opts.LogAddresses],

		"Families": clientRows(),

		"Refused":  strings.ReplaceAll(route.RefusedPattern, `\\`, `\\\\`), // nginx reads a doubled backslash as one
		"Routes":   routeRows(),
		"Slice":    route.SlicePattern,
		"Version":  route.VersionPattern,
		"Methods":  route.Methods(route.Root.Path()),
		"Post":     route.Methods(route.Search.Path()),
		"Hardware": route.HardwareList,
		"Node":     strings.ReplaceAll(expression(route.Node.Get().Pattern), "[^/]+", "[^/?]+"),
		"Feeds":    jsonFeeds(),

		"WebhookPath": webhook.Path,
		"WebhookBody": webhook.MaxBody,

		"Store":    "/" + tree.StoreDir,
		"Problems": "/" + api.ProblemDir + "/",
		"Statuses": statuses(),
		"NotFound": problemName(api.NotFound(route.Root.Get())),
		"NoRange":  problemName(api.RangeNotSatisfiable),

		"NotFoundPage": path.Base(api.NotFoundPage),
		"PagePrefixes": strings.Join(route.PagePrefixes(), "|"),
		"AcceptHTML":   route.HTMLPattern,
		"AcceptJSON":   route.JSONPattern,
		"FrontVary":    route.FrontVary,
		"CacheFront":   route.CacheFront,

		"Nothing": string(api.NothingPublished.Body()),

		"Types":       suffixTypes(),
		"FeedType":    route.ChangesFeed.Get().MediaType(),
		"ProblemType": route.ProblemType,
		"Catalog":     route.APICatalog,
		"CatalogType": route.APICatalogType,

		"Deprecated":      deprecatedPages(route.Deprecations()),
		"DeprecationLink": route.DeprecationLink(opts.Base),

		"Common":         opts.Delivery.Headers(),
		"Immutable":      immutable.Prefixes,
		"TagsHead":       opts.Tags(route.ClassOf("")),
		"TagsImmutable":  opts.Tags(immutable),
		"Links":          route.ServiceLinks(opts.Base),
		"LoadingPolicy":  route.LoadingPolicy,
		"DocumentPolicy": opts.DocumentPolicy(),
		"Range":          route.SatisfiableRange,
		"CacheShort":     route.ClassOf("").Control,
		"CacheImmutable": immutable.Control,
		"CacheMissing":   route.CacheMissing,
		"CacheMoved":     route.CacheMoved,
		"NoStore":        route.NoStore,
		"MaxAge":         route.PreflightMaxAge,
		"Retry429":       route.RetryAfter(429),
		"Retry503":       route.RetryAfter(503),
	}}
}

// jsonFeeds returns a regular expression of the paths of files that are JSON feeds, without
// .json. All are of changes.
func jsonFeeds() string {
	name := strings.TrimSuffix(route.ChangesFeed.Get().Pattern, ".json")
	var above []string
	for _, r := range route.Ordered() {
		if r.Representation == route.Feed && !r.Live && strings.HasSuffix(r.Pattern, route.JSONFeedSuffix) {
			above = append(above, expression(strings.TrimSuffix(r.Pattern, name+".json")))
		}
	}
	return "(?:" + strings.Join(above, "|") + ")" + regexp.QuoteMeta(name)
}

// statuses returns the statuses that have problem documents.
func statuses() (all []int) {
	for _, p := range api.Problems() {
		all = append(all, p.Status)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// problemName returns the name of a problem's document, without directory and suffix.
func problemName(p api.Problem) string { return strings.TrimSuffix(path.Base(p.File()), ".json") }

// suffixTypes returns the media types of files by their last suffix, which is all that
// nginx looks at.
func suffixTypes() []route.MediaType {
	return slices.DeleteFunc(route.MediaTypes(), func(t route.MediaType) bool {
		return strings.Count(t.Suffix, ".") > 1 // has a location of its own
	})
}
