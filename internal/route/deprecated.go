package route

import (
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Deprecation is a row of the table of what clients should stop using: a query
// parameter of live routes, one value of such a parameter, or an HTML page. It goes on
// working until its sunset.
type Deprecation struct {
	Name    string // in metrics and reports
	Param   string // "" for a page
	Value   string // an element of the parameter's list, without sign; "" for any value
	Page    Page
	Instead string    // what to use, in Markdown
	Since   time.Time // when it was deprecated
	Sunset  time.Time // when it may go; zero while that is not decided
}

// deprecations is the table. docs/api.md lists it.
var deprecations = []Deprecation{
	{Name: "min_cores", Param: "min_cores", Instead: "`min_threads`", Since: day(2026, time.November, 29)},
	{Name: "sort=cores", Param: "sort", Value: "cores", Instead: "`sort=threads`", Since: day(2026, time.November, 29)},
	{
		Name: "/redoc", Page: LegacyReference, Instead: "`" + Reference.Path() + "`",
		Since: day(2026, time.November, 29),
	},
	{
		Name: "/hardware/node/UID", Page: LegacyNodeName, Instead: "`" + string(HardwareNode) + "`",
		Since: day(2026, time.November, 29),
	},
	{
		Name: "/hardware/node/sites/…", Page: LegacyNodePath, Instead: "`" + string(HardwareNode) + "`",
		Since: day(2026, time.November, 29),
	},
}

func day(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// Deprecations yields the table.
func Deprecations() iter.Seq[*Deprecation] {
	return func(yield func(*Deprecation) bool) {
		for i := range deprecations {
			if !yield(&deprecations[i]) {
				return
			}
		}
	}
}

// Headers returns the header fields of a response to a request that uses what is
// deprecated: Deprecation, as a date of a structured field (RFC 9745, section 2), the
// page of the guide that explains it, and Sunset (RFC 8594), if that is decided. The
// base is a path, as for [ServiceLinks].
func (d *Deprecation) Headers(base string) []Header {
	fields := []Header{{"Deprecation", d.Date()}, {"Link", DeprecationLink(base)}}
	if !d.Sunset.IsZero() {
		fields = append(fields, Header{"Sunset", d.SunsetDate()})
	}
	return fields
}

// Date returns the value of Deprecation.
func (d *Deprecation) Date() string { return fmt.Sprintf("@%d", d.Since.Unix()) }

// SunsetDate returns the value of Sunset, "" while it is not decided.
func (d *Deprecation) SunsetDate() string {
	if d.Sunset.IsZero() {
		return ""
	}
	return d.Sunset.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") // RFC 9110, section 5.6.7
}

// DeprecationLink returns the value of the Link header of what is deprecated.
func DeprecationLink(base string) string {
	return "<" + base + GuideChapter.Path("api") + `#deprecated-names>; rel="deprecation"; type="text/html"`
}

// DeprecatedPage returns the row of the page at a decoded path, which may end in a
// slash; nil for none.
func DeprecatedPage(path string) *Deprecation {
	path = strings.TrimSuffix(path, "/")
	for d := range Deprecations() {
		if _, ok := d.Page.route().match(path); ok && d.Page != "" {
			return d
		}
	}
	return nil
}

// DeprecatedUses returns the rows that a query to a live route uses, in the order of
// the table.
func DeprecatedUses(id ID, rawQuery string) (used []*Deprecation) {
	if rawQuery == "" || id == none {
		return nil
	}

	for d := range Deprecations() {
		if d.Param != "" && d.isUsedBy(rawQuery) && id.Get().HasParam(d.Param) {
			used = append(used, d)
		}
	}
	return used
}

// isUsedBy reports whether a query has the row's parameter, with its value.
func (d *Deprecation) isUsedBy(rawQuery string) bool {
	for pair := range strings.SplitSeq(rawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if decoded(name) != d.Param {
			continue
		}
		if d.Value == "" {
			return true
		}

		for element := range strings.SplitSeq(decoded(value), ",") {
			if strings.TrimPrefix(element, "-") == d.Value {
				return true
			}
		}
	}
	return false
}

// decoded decodes a name or a value of a query. What is not encoded is returned
// without an allocation, which is nearly every name.
func decoded(text string) string {
	if !strings.ContainsAny(text, "%+") {
		return text
	}
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}

// HasParam reports whether the route has a query parameter of its own with a name.
func (r *Route) HasParam(name string) bool {
	return slices.ContainsFunc(r.Query, func(p Param) bool { return p.Name == name })
}
