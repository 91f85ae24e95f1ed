package route

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/hardware"
)

// Param is one query parameter.
type Param struct {
	Name        string
	Type        string // boolean, integer, number, string, date-time, duration, range
	Description string
	Example     string
	Min, Max    *int64   // a real number must exceed its minimum
	Least       float64  // the smallest real number that is accepted, 0 where that is Min
	Default     string   // as it would be written in a query
	Enum        []string // the only values of a string

	// Known are the values of a list that mean something, nil for any. Others have no effect.
	Known []string

	// List means that a string may be a list of values, of which any will do, see [SplitList].
	List bool
	// Part means that each part of a mixture has one, see [WithParts], and Filter that it
	// selects nodes.
	Part, Filter bool
	// Of is the property of a parameter of type range, which is a range of its numbers, or a
	// list of them; of a string, the property whose values it can have. Nil for others.
	Of *hardware.Property
}

// ListValue writes a value of a parameter that may be a list.
func ListValue(value string) string { return strings.NewReplacer(`\`, `\\`, `,`, `\,`).Replace(value) }

// SplitList splits a list of values at its commas. A backslash takes away the meaning of a
// comma or a backslash after it. White space around values is left out, and so are values
// that are empty then.
func SplitList(list string) (values []string) {
	var b strings.Builder
	for i := 0; i <= len(list); i++ {
		switch {
		case i == len(list) || list[i] == ',':
			if value := strings.TrimSpace(b.String()); value != "" {
				values = append(values, value)
			}
			b.Reset()
		case list[i] == '\\' && i+1 < len(list) && (list[i+1] == ',' || list[i+1] == '\\'):
			i++
			b.WriteByte(list[i])
		default:
			b.WriteByte(list[i])
		}
	}
	return values
}

// MaxLimit is the largest slice that a query may ask for.
const MaxLimit = 500

// MaxStatesLimit is the same for responses without reservations. They are small,
// so one may cover all nodes of most testbeds.
const MaxStatesLimit = 10000

// slice returns the parameters that ask for a slice of a collection.
func slice(maxLimit int64, defaultLimit string) []Param {
	return []Param{
		{
			Name: "offset", Type: "integer", Description: "Number of items to skip.",
			Example: "0", Min: new(int64(0)), Default: "0",
		},
		{
			Name: "limit", Type: "integer", Description: "Maximum number of items to return.",
			Example: "10", Min: new(int64(1)), Max: new(maxLimit), Default: defaultLimit,
		},
	}
}

// MaxSlotNodes is how many nodes the slots of an answer may have together.
const MaxSlotNodes = 100_000

// SliceParams are the query parameters of every route that is Sliced.
func SliceParams() []Param { return slice(MaxLimit, "") }

// filterParams returns the parameters that select nodes by their hardware: values
// first, then minimums and ranges.
func filterParams() []Param {
	var values, minimums, ranges []Param
	table := hardware.Properties()
	for i := range table {
		p := &table[i]
		if p.Search != "" {
			values = append(values, searchParam(p))
		}
		if p.Min != "" {
			minimums = append(minimums, minParam(p))
		}
		if p.Range != "" {
			ranges = append(ranges, rangeParam(p))
		}
	}

	words := Param{
		Name: "q", Type: "string", Example: "a100 dell",
		Description: "Only nodes with all of these words, or words that start with them, in any case, in their uid, name, " +
			"type, site (its uid and name), rack, note or firmware, in models (of the chassis, the processors, GPUs, FPGAs, disks and " +
			"network adapters), or in network speeds (`100G`).",
	}

	all := slices.Concat(values, []Param{words}, minimums, ranges)
	for i := range all {
		all[i].Filter = true
	}
	return append(all, strict())
}

// strictName is the name of the parameter strict.
const strictName = "strict"

// strict returns the parameter that forbids what would have no effect.
func strict() Param {
	return Param{
		Name: strictName, Type: "boolean", Example: "true", Default: "false",
		Description: "Whether parameters that this URL does not have, and values that no node has, are refused with 422. " +
			"Otherwise the parameters are named in the header `Ignored-Parameters`. " +
			"The request header `Prefer: handling=strict` (RFC 7240) means the same.",
	}
}

func searchParam(p *hardware.Property) Param {
	param := Param{Name: p.Search, Type: "string", Example: p.Example, List: true, Of: p}
	only := "Only nodes with this value, or one of a list (`a,b`)."
	switch {
	case p.Kind == hardware.KindFlag:
		param.Type, param.List, param.Of = "boolean", false, p
		only = "Only nodes for which this is true, or false. False is also what a file does not state: " +
			"`unstated` finds only these nodes, and `stated_false` only the others."
	case p.Match == hardware.Contains:
		only = "Only nodes with this text in the value, in any case, or one of a list (`a,b`). " +
			"In quotation marks it is the whole value."
	case p.Match == hardware.LastWords:
		only = "Only nodes with this value, or one whose last words are these, in any case, or one of a list (`a,b`)."
	case p.Match == hardware.AnyCase:
		only = "Only nodes with this value, in any case, or one of a list (`a,b`)."
	}

	for _, c := range p.Choices {
		if p.Kind == hardware.KindSet {
			break // others may come
		}
		param.Enum = append(param.Enum, c.Value)
	}

	param.Description = describe(p, only)
	return param
}

func minParam(p *hardware.Property) Param {
	param := Param{Name: p.Min, Type: "integer", Example: p.Example}
	param.Description = describe(p, "Only nodes with at least this value.")
	if !p.Signed {
		param.Min = new(int64(0))
	}
	return param
}

func rangeParam(p *hardware.Property) Param {
	return Param{
		Name: p.Range, Type: "range", Example: p.RangeExample, Of: p,
		Description: describe(p, "Only nodes with a value in this range (`A..B`, `A..`, `..B`), or with this value. "+
			"Values may have units."),
	}
}

// describe returns a parameter's description: the property, its member of the
// file, and the nodes that match.
func describe(p *hardware.Property, only string) string {
	text := strings.ToUpper(p.About[:1]) + p.About[1:]
	if len(p.At) > 0 {
		member := strings.ReplaceAll(strings.TrimPrefix(p.At[0], "/"), "/*", "")
		text += " (`" + strings.ReplaceAll(member, "/", ".") + "`)"
	}

	text += ". " + only
	if p.Note != "" {
		text += " " + p.Note
	}

	return text
}

// moment returns a parameter that is a time.
func moment(name, example, description string) Param {
	return Param{Name: name, Type: "date-time", Example: example, Description: description}
}

// MaxParts is how many parts a mixture may have.
const MaxParts = 5

// PartPrefix returns what the names of parameters of a mixture's part begin with: "2." and
// so on, and nothing for those of the first part.
func PartPrefix(part int) string {
	if part == 1 {
		return ""
	}
	return strconv.Itoa(part) + "."
}

// WithParts returns parameters and those of the parts that are named: `2.node_type` is the
// `node_type` of the second part.
func WithParts(params []Param, isNamed func(name string) bool) []Param {
	all := slices.Clip(params)
	for part := 2; part <= MaxParts; part++ {
		for _, p := range params {
			if name := PartPrefix(part) + p.Name; p.Part && isNamed(name) {
				p.Name, p.Default = name, ""
				all = append(all, p)
			}
		}
	}
	return all
}

// shortest is the shortest duration in hours: times are cut to seconds.
const shortest = 1.0 / 3600

// hours returns the parameter that is a duration in hours.
func hours(description string) Param {
	return Param{
		Name: "hours", Type: "number", Example: "12", Min: new(int64(0)), Least: shortest,
		Max: new(int64(24 * 366)), Description: description,
	}
}

// searchParams returns the parameters of a search for nodes.
func searchParams() []Param {
	return slices.Concat(filterParams(), []Param{
		moment("start", "2099-01-01T00:00:00Z",
			"Start of the window in which the nodes must be free; needs `end` or `hours`."),
		moment("end", "2099-01-02T00:00:00Z", "End of the window; needs `start`."),
		hours("Only nodes that are free all the time from `start`, or from now, for so many hours. Unlike with `end`, " +
			"the states in the response are those of now, and nodes that cannot be reserved are left out."),
		{
			Name: "availability", Type: "string", Example: "available",
			Enum: []string{"available", "reserved", "maintenance", "unknown"}, List: true,
			Description: "Only nodes in this state, or in one of a list (`a,b`).",
		},
		{
			Name: "sort", Type: "string", Example: "-ram,node_type",
			Description: "Keys to order by, separated by commas, each with `-` before it for descending order: " +
				sortKeys() + ". " +
				"`availability_until` merges reservations that overlap or directly follow each other; " +
				"`free_from` lists nodes that are free now first, then those that will be free soonest; " +
				"`-free_until` those that are free now first, the longest free before others. " +
				"Ties are ordered by site, cluster and uid.",
		},
		{
			Name: "fields", Type: "string", Example: "uid,node_name,availability",
			Description: "Members to return, separated by commas; all by default.",
		},
	}, slice(MaxLimit, strconv.Itoa(MaxLimit)))
}

// tableParams returns the parameters of a search whose result is a table.
func tableParams() []Param {
	params := slices.DeleteFunc(searchParams(), func(p Param) bool {
		return p.Name == "fields" || p.Name == "limit" || p.Name == "offset"
	})
	columns := Param{
		Name: "columns", Type: "string", Example: "node_name,gpu_name,availability", List: true, Known: Columns(),
		Description: "Columns, in this order, separated by commas: those of `/nodes.csv`, " + otherColumns() +
			". Others are left out.",
	}
	return slices.Concat(params, []Param{columns}, slice(MaxStatesLimit, strconv.Itoa(MaxStatesLimit)))
}

// Columns of tables of nodes that are no properties.
const (
	AvailabilityColumn = "availability"
	UntilColumn        = "availability_until"
)

// Columns returns the names of the columns that a table of nodes can have.
func Columns() (names []string) {
	for _, p := range hardware.Properties() {
		names = append(names, p.ColumnName())
	}
	return append(names, AvailabilityColumn, UntilColumn)
}

// otherColumns lists the columns that nodes.csv does not have.
func otherColumns() string {
	var names []string
	for _, p := range hardware.Properties() {
		if p.CSV == "" {
			names = append(names, "`"+p.ColumnName()+"`")
		}
	}
	return strings.Join(append(names, "`"+AvailabilityColumn+"`"), ", ") + " or `" + UntilColumn + "`"
}

// sortKeys lists the keys of the parameter sort.
func sortKeys() string {
	var keys []string
	for _, p := range hardware.Properties() {
		if p.Sort != "" {
			keys = append(keys, "`"+p.Sort+"`")
		}
	}
	return strings.Join(keys, ", ") + ", `availability`, `availability_until`, `free_from` or `free_until`"
}

// slotParams returns the parameters of a search for slots.
func slotParams() []Param {
	slotHours := hours("Duration in hours.")
	slotHours.Default = "1"
	ofParts := slices.Concat(filterParams(), uidParams(), []Param{
		{
			Name: "count", Type: "integer", Example: "4", Min: new(int64(1)), Max: new(int64(10000)), Default: "1",
			Description: "Number of nodes needed, or of GPUs.",
		},
		{
			Name: "unit", Type: "string", Example: "nodes", Enum: []string{"nodes", "gpus"}, Default: "nodes",
			Description: "What `count` counts. With `gpus`, a slot has as few nodes as have that many GPUs together.",
		},
	})
	for i := range ofParts {
		ofParts[i].Part = ofParts[i].Name != strictName
	}

	return slices.Concat(ofParts, []Param{
		slotHours,
		moment("after", "2099-01-01T00:00:00Z", "Earliest start of a slot; now by default."),
		moment("before", "2099-01-31T00:00:00Z", "Latest end of a slot; 30 days after now by default."),
		{
			Name: "same_site", Type: "boolean", Example: "true", Default: "false",
			Description: "Whether all nodes of a slot must be at one site.",
		},
		{
			Name: "nearest", Type: "boolean", Example: "true", Default: "false",
			Description: "Whether to include `nearest` and `most` even if there is a slot, and `ways`, `alternatives` and `sites`.",
		},
		{
			Name: "limit", Type: "integer", Example: "10", Min: new(int64(1)), Max: new(int64(MaxLimit)), Default: "10",
			Description: fmt.Sprintf("Maximum number of slots to return. All of them may have at most %d nodes together.",
				MaxSlotNodes),
		},
	})
}

// uidParams returns the parameters that select nodes by where they are.
func uidParams() []Param {
	return []Param{
		{
			Name: "cluster_id", Type: "string", Example: "chameleon", List: true,
			Description: "Only nodes of clusters with this uid, or one of a list (`a,b`).",
		},
		{
			Name: "node_id", Type: "string", Example: "04d91a7a-db07-4d15-8958-10127b145ac3", List: true,
			Description: "Only the node with this uid, or those of a list (`a,b`).",
		},
	}
}

// nodesParams returns the parameters of the list of reservations.
func nodesParams() []Param {
	return slices.Concat(filterParams(), uidParams(), []Param{
		hours("Only nodes that are free all the time from `start`, or from now, for so many hours."),
		moment("start", "2099-01-01T00:00:00Z", "Start of these hours; without them it has no effect."),
		{
			Name: "reservations", Type: "boolean", Example: "false", Default: "true",
			Description: fmt.Sprintf("Whether to include reservations. "+
				"Without them `limit` may be up to %d, with them up to %d.", MaxStatesLimit, MaxLimit),
		},
	}, slice(MaxStatesLimit, strconv.Itoa(MaxLimit)))
}

// Limits of a question for capacity.
const (
	MaxCapacityDays  = 92
	MaxCapacitySteps = 50_000 // of all groups together
)

// FacetNames returns the names of properties whose values are counted.
func FacetNames() (names []string) {
	for _, p := range hardware.Properties() {
		if p.Facet != "" {
			names = append(names, p.Facet)
		}
	}
	return names
}

// capacityParams returns the parameters of the number of free nodes over time, and countedParams
// those that its JSON has, too.
func capacityParams() []Param {
	by := append([]string{"site", "cluster_id"}, FacetNames()...)

	return slices.Concat(filterParams(), uidParams(), []Param{
		{
			Name: "by", Type: "string", Example: "node_type", Enum: by,
			Description: "The property by whose values nodes are grouped; without it there is one group. `site` is short " +
				"for `site_id`.",
		},
		moment("start", "2099-01-01T00:00:00Z", "Start of the first step; now by default."),
		moment("end", "2099-01-31T00:00:00Z", fmt.Sprintf("End of the last step, at most %d days after the start; "+
			"30 days after it by default.", MaxCapacityDays)),
		{
			Name: "step", Type: "duration", Example: "6h", Default: "1d",
			Description: "Length of a step: a number of seconds, or of minutes, hours or days with `m`, `h` or `d` after it. " +
				"All steps but the first begin at multiples of it since 1970, UTC. All groups together have at " +
				fmt.Sprintf("most %d steps.", MaxCapacitySteps),
		},
	})
}

func countedParams() []Param {
	return append(capacityParams(), Param{
		Name: "counts", Type: "string", Example: "gpu_family,network", List: true, Known: FacetNames(),
		Description: "Properties, as in `by`: by each of their values, and by site, the nodes that are free at `start`, or " +
			"now if that is past, are in `counts`. Others have no effect.",
	})
}

// flavorListParams returns the parameters of the list of free flavors.
func flavorListParams() []Param {
	return []Param{{
		Name: "site_id", Type: "string", Example: "tacc", List: true,
		Description: "Only flavors of the site with this uid, or of those of a list (`a,b`).",
	}, {
		Name: "q", Type: "string", Example: "h100 slice",
		Description: "Only flavors with all of these words, or words that start with them, in any case, in their uid, " +
			"name, site (its uid and name) or GPUs.",
	}}
}

// Limits of feeds and calendars.
const (
	// MaxFeedEntries bounds the entries of a feed or calendar of a live route.
	MaxFeedEntries = 500
	// MaxCalendarNodes bounds the nodes of a calendar.
	MaxCalendarNodes = 50
)

// calendarParams returns the parameters that select the nodes of a calendar.
func calendarParams() []Param { return slices.Concat(filterParams(), uidParams()) }

// MaxBadgeLabel bounds the label of a badge, in bytes.
const MaxBadgeLabel = 60

// badgeParams returns the parameters of a badge.
func badgeParams() []Param {
	return slices.Concat(filterParams(), uidParams(), []Param{{
		Name: "label", Type: "string", Example: "A100",
		Description: fmt.Sprintf("What the badge says they are, at most %d bytes; `nodes` by default.", MaxBadgeLabel),
	}})
}

// feedOf describes the feed of a question.
func feedOf(question, entry string) string {
	return "The answer to a question to " + question + " as a feed: the parameters are the same, and each " + entry +
		" is an entry, whose id is made from the question and the start. Times are rounded up to the quarter of an hour, " +
		fmt.Sprintf("so that the feed changes when its content does. It has at most %d entries.", MaxFeedEntries)
}

// calendarOf describes the calendar of a question.
func calendarOf(question, entry string) string {
	return "The answer to a question to " + question + " as iCalendar (RFC 5545) in UTC: the parameters are the same, and " +
		"each " + entry + " is an event, whose UID is made from the question and the start. " +
		fmt.Sprintf("It has at most %d events.", MaxFeedEntries)
}

// flavorParams returns the parameters of a flavor's availability.
func flavorParams() []Param {
	return []Param{
		moment("start_date", "2099-01-01T00:00:00Z", "Start of the window; now by default."),
		moment("end_date", "2099-01-31T00:00:00Z", "End of the window; 30 days after now by default."),
	}
}
