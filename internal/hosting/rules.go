package hosting

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// Site is what the files of a host are made from.
type Site struct {
	route.Delivery
	// Top has the files and directories of the root by their names; true for a directory.
	Top map[string]bool
	// API is the origin of the API, if it is another one; pages may request it.
	API string
}

// Files returns the files that the host needs, but for pages.
func (h Host) Files(site Site) ([]tree.File, error) {
	var files []tree.File
	for _, name := range h.Markers {
		files = append(files, tree.File{Path: name, Body: []byte{}})
	}
	if !h.Rules {
		return files, nil
	}

	headers, err := h.headers(site)
	if err != nil {
		return nil, err
	}
	redirects, err := h.redirects(site)
	if err != nil {
		return nil, err
	}

	return append(files, tree.File{Path: HeadersFile, Body: headers},
		tree.File{Path: RedirectsFile, Body: redirects}), nil
}

// rule is one of _headers: what the answers to some paths have.
type rule struct {
	pattern string
	headers []route.Header
}

// headers is the file of that name. Hosts join the values of all rules that match a path,
// so no two of them name the same header for it.
func (h Host) headers(site Site) ([]byte, error) {
	policy := site.ContentPolicy()
	if site.API != "" {
		policy = strings.Replace(policy, "connect-src 'self'", "connect-src 'self' "+site.API, 1)
	}

	rules := []rule{{"/*", append(site.Headers(), route.Header{Name: "Content-Security-Policy", Value: policy})}}
	rules = append(rules, typeRules()...)
	rules = append(rules, cacheRules(site)...)
	if hasFile(site, route.Root.File()) {
		rules = append(rules, rule{"/", []route.Header{{Name: "Link", Value: strings.Join(route.ServiceLinks(""), ", ")}}})
	}

	if rules = merged(rules); h.HeaderRules > 0 && len(rules) > h.HeaderRules {
		return nil, fmt.Errorf("%s takes at most %d rules in %s, and the site needs %d", h.Title, h.HeaderRules,
			HeadersFile, len(rules))
	}

	var out strings.Builder
	for _, r := range rules {
		fmt.Fprintln(&out, r.pattern)
		for _, header := range r.headers {
			fmt.Fprintf(&out, "  %s: %s\n", header.Name, header.Value)
		}
	}

	return []byte(out.String()), nil
}

func hasFile(site Site, name string) bool {
	_, ok := site.Top[name]
	return ok
}

// merged joins the rules of one pattern.
func merged(rules []rule) (all []rule) {
	for _, r := range rules {
		if i := slices.IndexFunc(all, func(m rule) bool { return m.pattern == r.pattern }); i >= 0 {
			all[i].headers = append(all[i].headers, r.headers...)
		} else {
			all = append(all, r)
		}
	}
	return all
}

// typeRules are for files whose media type hosts do not know by their names.
func typeRules() (rules []rule) {
	add := func(pattern, mediaType string) {
		rules = append(rules, rule{pattern, []route.Header{{Name: "Content-Type", Value: mediaType}}})
	}

	add(route.APICatalog, route.APICatalogType)
	for _, r := range route.Ordered() {
		if !r.Live && (r.Representation == route.Feed || r.Representation == route.File) {
			add(placeholders(r.Pattern), r.MediaType())
		}
	}

	return rules
}

// cacheRules are those of the table of caching: for each file and directory of the root,
// since a rule for all paths would be joined with those for some.
func cacheRules(site Site) (rules []rule) {
	add := func(pattern string, class route.CacheClass) {
		headers := append([]route.Header{{Name: "Cache-Control", Value: class.Control}}, site.Tags(class)...)
		rules = append(rules, rule{pattern, headers})
	}

	add("/", route.ClassOf("/"))
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(site.Top)) {
		if site.Top[name] {
			add("/"+name+"/*", route.ClassOf("/"+name+"/"))
		} else if !IsOwn(name) {
			add("/"+name, route.ClassOf("/"+name))
		}
		// The paths of a resource's file, or of a directory's page, without what is behind.
		if path := route.WithoutSuffix("/" + name); path != "/"+name || site.Top[name] {
			if id, _, ok := route.Match(path); (ok && id != route.Root || route.IsPage(path)) && !seen[path] {
				seen[path] = true
				add(path, route.ClassOf(path))
			}
		}
	}

	return rules
}

// redirects is the file of that name: paths of resources are answered with their files,
// and legacy paths redirect. Rules without placeholders come first.
func (h Host) redirects(site Site) ([]byte, error) {
	var fixed, dynamic []string
	for id, r := range route.Ordered() {
		top, _, _ := strings.Cut(strings.TrimPrefix(id.Get().Pattern, "/"), "/")
		switch {
		case r.Live || !r.Suffix() || !hasFile(site, top+".json") && !site.Top[top] && id != route.Root:
		case id == route.Root:
			if hasFile(site, route.Root.File()) {
				fixed = append(fixed, "/ /index.json 200")
			}
		case len(r.Params()) == 0:
			fixed = append(fixed, fmt.Sprintf("%s %[1]s.json 200", r.Pattern))
		default:
			dynamic = append(dynamic, fmt.Sprintf("%s %[1]s.json 200", placeholders(r.Pattern)))
		}
	}

	if h.Forced && len(dynamic) > 0 { // a placeholder would match the names of files, too
		dynamic = append([]string{"/*.json /:splat.json 200"}, dynamic...)
	}
	if site.Top["hardware"] {
		dynamic = append(dynamic, fmt.Sprintf("%s %s 301", placeholders(string(route.LegacyNodePath)),
			placeholders(string(route.HardwareNode))))
	}

	if h.StaticRules > 0 && (len(fixed) > h.StaticRules || len(dynamic) > h.DynamicRules) {
		return nil, fmt.Errorf("%s takes at most %d and %d rules in %s, and the site needs %d and %d", h.Title,
			h.StaticRules, h.DynamicRules, RedirectsFile, len(fixed), len(dynamic))
	}

	return []byte(strings.Join(append(fixed, dynamic...), "\n") + "\n"), nil
}

// placeholders turns the parameters of a pattern into those of hosts.
func placeholders(pattern string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(pattern)
}
