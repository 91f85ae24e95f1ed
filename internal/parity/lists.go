package parity

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/samejson"
)

// legacyLimit is where the legacy service cut collections, and searches by default.
const legacyLimit = 500

// inOrderOf returns our collection with those of our items that the legacy service
// answered with, in its order; false where that is no collection, or the items differ.
func (c *Comparer) inOrderOf(ctx context.Context, q question, old, ours *Answer) ([]byte, bool) {
	if q.route == nil || !q.route.Sliced() && q.id != route.Search {
		return nil, false
	}

	theirs, ok := itemsOf(old.Body)
	mine, okToo := itemsOf(ours.Body)
	isCut := len(theirs) == legacyLimit && len(mine) > legacyLimit && !q.query.Has("limit")
	if !ok || !okToo || len(mine) != len(theirs) && !isCut {
		return nil, false
	}

	// Another order makes other pages.
	if q.isSlice() || q.id == route.Search {
		if mine, ok = c.allItems(ctx, q); !ok {
			return nil, false
		}
	}

	byKey := make(map[string]int, len(mine))
	for i, item := range mine {
		byKey[keyOf(item)] = i
	}

	last := -1
	found := make([]json.RawMessage, 0, len(theirs))
	for _, item := range theirs {
		i, ok := byKey[keyOf(item)]
		if !ok || q.route.Representation == route.VersionList && i <= last { // which are in git's order
			return nil, false
		}
		last = i
		found = append(found, mine[i])
	}

	return withMember(ours.Body, "items", found)
}

// allItems asks for all our items of a collection or search of which the question has
// a page.
func (c *Comparer) allItems(ctx context.Context, q question) (all []json.RawMessage, ok bool) {
	raw, _, _ := strings.Cut(q.path, "?")
	query := maps.Clone(q.query)
	query.Del("offset")
	query.Del("limit")

	for {
		if q.id == route.Search {
			query.Set("limit", strconv.Itoa(legacyLimit))
			query.Set("offset", strconv.Itoa(len(all)))
		}
		a, err := c.New.Get(ctx, raw+"?"+query.Encode())
		if err != nil || a.Status != http.StatusOK {
			return nil, false
		}

		items, ok := itemsOf(a.Body)
		all = append(all, items...)
		if !ok || len(items) < legacyLimit || q.id != route.Search {
			return all, ok
		}
	}
}

// itemsOf returns the items of a collection.
func itemsOf(body []byte) ([]json.RawMessage, bool) {
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	err := json.Unmarshal(body, &list)
	return list.Items, err == nil && list.Items != nil
}

// keyOf identifies an item among those of its collection, or of a search.
func keyOf(item json.RawMessage) string {
	var names struct {
		UID     string `json:"uid"`
		Site    string `json:"site_id"`
		Cluster string `json:"cluster_id"`
	}
	_ = json.Unmarshal(item, &names) // what has no uid is found nowhere, or equals its like
	return names.Site + "/" + names.Cluster + "/" + names.UID
}

// withReservationsOf returns our answer about a node with only those reservations that
// the legacy service has, if it has fewer, in the same order.
func withReservationsOf(q question, old, ours *Answer) ([]byte, bool) {
	if q.id != route.NodeAvailability {
		return nil, false
	}

	type node struct{ Reservations []json.RawMessage }
	var theirs, mine node
	if json.Unmarshal(old.Body, &theirs) != nil || json.Unmarshal(ours.Body, &mine) != nil ||
		len(theirs.Reservations) >= len(mine.Reservations) {
		return nil, false
	}

	rest := theirs.Reservations
	kept := slices.DeleteFunc(mine.Reservations, func(r json.RawMessage) bool {
		if len(rest) > 0 && samejson.Diff(r, rest[0]) == "" {
			rest = rest[1:]
			return false
		}
		return true
	})
	if len(rest) > 0 {
		return nil, false
	}

	return withMember(ours.Body, "reservations", kept)
}

// withMember returns an object with another list as the value of a member.
func withMember(body []byte, name string, list []json.RawMessage) ([]byte, bool) {
	object, err := rawjson.Parse(body, rawjson.Limits{})
	if err != nil {
		return nil, false
	}

	var b rawjson.Builder
	b.BeginObject()
	for m := range object.Members() {
		b.RawKey(m.Key)
		if m.Name != name {
			b.Raw(m.Value)
			continue
		}

		b.BeginArray()
		for _, element := range list {
			var compact bytes.Buffer
			if err := json.Compact(&compact, element); err != nil {
				return nil, false
			}
			b.Raw(compact.Bytes())
		}
		b.EndArray()
	}
	b.EndObject()

	return b.Bytes(), true
}
