package availhttp

import (
	"cmp"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/release"
)

// Limits of a search by POST.
const (
	maxBody    = 64 << 10 // bytes
	maxFilters = 100
	maxLabels  = 100 // of all filters together: each one searches every node
)

// readFilterSet reads the body of a search, or returns the response that refuses it.
func readFilterSet(r *http.Request) (*api.NodeFilterSet, *answer) {
	if t := r.Header.Get("Content-Type"); t != "" {
		if mediaType, _, _ := mime.ParseMediaType(t); mediaType != "application/json" {
			return nil, new(problem(api.UnsupportedMediaType))
		}
	}

	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, new(problem(api.TooLarge))
	}
	if err != nil {
		return nil, new(problem(api.BadRequest))
	}

	set := &api.NodeFilterSet{}
	if fault := api.DecodeBody(body, set); fault != nil {
		return nil, new(validationError(*fault))
	}
	if faults := validate(set); faults != nil {
		return nil, new(validationError(faults...))
	}
	return set, nil
}

// validate checks a set against its bounds, and fills in defaults.
func validate(set *api.NodeFilterSet) (faults []api.Fault) {
	operator := func(op *api.FilterSetType, loc ...string) {
		*op = cmp.Or(*op, api.Intersection)
		if *op != api.Intersection && *op != api.Union {
			const expected = "'intersection' or 'union'"
			f := api.NewBodyFault(api.Enum, "Input should be "+expected, loc...)
			f.Input, f.Ctx = string(*op), map[string]any{"expected": expected}
			faults = append(faults, f)
		}
	}

	bound := func(n, most int64, msg string, loc ...string) {
		if n > most {
			f := api.NewBodyFault(api.TooLong, msg, loc...)
			f.Ctx = map[string]any{"max_length": most}
			faults = append(faults, f)
		}
	}

	operator(&set.FilterSetType, "filter_set_type")
	bound(int64(len(set.FilterSet)), maxFilters, "List should have at most 100 items", "filter_set")
	labels := 0

	for i := range set.FilterSet {
		operator(&set.FilterSet[i].FilterType, "filter_set", strconv.Itoa(i), "filter_type")
		labels += len(set.FilterSet[i].Labels)
	}

	bound(int64(labels), maxLabels, "All filters together should have at most 100 labels", "filter_set", "labels")
	return faults
}

// newSetCondition returns the condition that a node matches a set.
func newSetCondition(set *api.NodeFilterSet) condition {
	// All labels of a request read a node's file: it is parsed once.
	var parsed *release.Node
	var file hardware.Value
	read := func(n *release.Node) hardware.Value {
		if n != parsed {
			parsed, file = n, n.Parse()
		}
		return file
	}

	var all []condition
	for i := range set.FilterSet {
		all = append(all, newFilterCondition(&set.FilterSet[i], read))
	}

	return combine(set.FilterSetType, all)
}

// newFilterCondition returns the condition that a node matches a filter.
func newFilterCondition(f *api.NodeFilter, read func(*release.Node) hardware.Value) condition {
	var all []condition
	oneOf := func(values []string, of func(n *release.Node) string) {
		if values != nil {
			all = append(all, ofNode(func(n *release.Node) bool { return slices.Contains(values, of(n)) }))
		}
	}

	oneOf(f.NodeNames, func(n *release.Node) string { return n.Name })
	oneOf(f.NodeTypes, func(n *release.Node) string { return n.Type })
	oneOf(f.Racks, func(n *release.Node) string { return n.Facts.Text("rack") })

	if f.Labels != nil {
		all = append(all, ofNode(func(n *release.Node) bool {
			for path, want := range f.Labels {
				if !isLabelled(read(n), path, want) {
					return false
				}
			}
			return true
		}))
	}

	return combine(f.FilterType, all)
}

// isLabelled reports whether the value at a dotted path equals a text: a string, or
// another scalar as it is written. One element of an array suffices. Names of members may
// contain dots, so every split of the path is tried.
func isLabelled(v hardware.Value, path, want string) bool {
	switch {
	case v.Kind == hardware.Array:
		return slices.ContainsFunc(v.Elements, func(e hardware.Value) bool { return isLabelled(e, path, want) })
	case path == "":
		return v.Kind != hardware.Object && v.Text == want
	}

	for _, m := range v.Members {
		rest, ok := strings.CutPrefix(path, m.Name)
		if ok && (rest == "" || rest[0] == '.') && isLabelled(m.Value, strings.TrimPrefix(rest, "."), want) {
			return true
		}
	}

	return false
}
