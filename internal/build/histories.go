package build

import (
	"cmp"
	"fmt"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// subject is a resource with a history.
type subject struct {
	inventory.Place
	name    string            // of a node
	path    string            // of its file
	commits []*history.Commit // its log
	former  bool              // only its history is left
}

// histories writes the histories of all resources, and of nodes that moved or were
// replaced; of others that were removed the feeds, whose readers learn it from them.
func (b *builder) histories(log *change.Log) error {
	for r := range b.Grid.Resources() {
		if r.Kind == route.GridKind {
			continue
		}
		s := subject{Place: r.Place, path: r.File.Path, commits: b.History.Log(r.LogPath())}
		if r.Kind == route.NodeKind {
			name, _ := r.File.Object.String("node_name")
			s.name = cmp.Or(name, r.UID)
		}
		if err := b.historyOf(log, s); err != nil {
			return err
		}
	}

	for _, f := range log.Former() {
		s := subject{Place: f.Place, path: f.GitPath, former: true, name: cmp.Or(f.Name, f.UID)}
		switch {
		case f.Joined:
			s.commits = log.LogOf(f.GitPath)
			if err := b.historyOf(log, s); err != nil {
				return err
			}
		case f.HasFeeds():
			s.commits = log.LogOf(f.GitPath)
			if err := b.nodeFeeds(log, s); err != nil {
				return err
			}
		}
	}

	return nil
}

// historyOf writes a resource's history, and the feeds of a node.
func (b *builder) historyOf(log *change.Log, s subject) error {
	id, args := s.Kind.Get().ItemHistory, s.Args()
	links, err := b.historyLinks(log, s)
	if err != nil {
		return err
	}

	f := b.alsoOf(b.ofLog(id.File(args...), s.commits, func() []string { return links }), log.Later(s.Place))
	b.emitBody(f, func() ([]byte, error) {
		h, err := b.readHistory(log, s)
		return api.Encode(h), err
	})

	if len(s.commits) > 0 {
		b.examples.offer(id, func() ([]byte, error) {
			h, err := b.readHistory(log, s)
			h.Items = exampleItems(h.Items)
			return api.Encode(h), err
		}, args...)
	}

	if s.Kind == route.NodeKind {
		return b.nodeFeeds(log, s)
	}
	return nil
}

// historyLinks are the links of a resource's history.
func (b *builder) historyLinks(log *change.Log, s subject) (links []string, err error) {
	to := b.declared()
	links = hrefs(s.links(to))
	for _, c := range s.commits {
		links = append(links, hrefs(s.versionLinks(to, b.commits[c].id))...)
	}
	if !log.IsJoined(s.path) {
		return links, nil
	}

	versions, err := log.Versions(s.path, s.commits)
	if err != nil {
		return nil, fmt.Errorf("the versions of %s: %w", s.path, err)
	}
	for i := range versions {
		if m := versions[i].Move; m != nil {
			other, rel := m.Other(s.path)
			links = append(links, to.HistoryOf(api.LinkRelation(rel), other.Kind, other.Args()...).Href)
		}
	}

	return links, nil
}

// links are those of the history itself.
func (s *subject) links(to api.Links) []api.Link {
	id, args := s.Kind.Get().ItemHistory, s.Args()
	if s.former {
		return to.FormerHistory(id, args...)
	}
	return to.SelfAndParent(id, args...)
}

// versionLinks are those of a version: as in the list of versions, which a former
// resource has no more.
func (s *subject) versionLinks(to api.Links, commit string) []api.Link {
	if s.former {
		return to.VersionLinks(commit, route.VersionDetail, route.Root)
	}
	kind := s.Kind.Get()
	return to.VersionLinks(commit, kind.ItemVersion, kind.Item, s.Args()...)
}

// readHistory is a resource's history: its versions, as the list of versions has them,
// with what each one changed in the resource's file, and the content of the newest one.
func (b *builder) readHistory(log *change.Log, s subject) (h api.FileHistory, err error) {
	versions, err := log.Versions(s.path, s.commits)
	if err != nil {
		return h, fmt.Errorf("the versions of %s: %w", s.path, err)
	}

	var items []api.FileVersion
	var file rawjson.Value
	for i, c := range s.commits {
		v := &versions[i]
		d, err := log.Delta(v.Delta)
		if err != nil {
			return h, fmt.Errorf("what commit %s changed in %s: %w", c.ID, s.path, err)
		}

		item := api.FileVersion{
			Version:    b.versionEntry(c, s.versionLinks(b.links, b.commits[c].id)),
			State:      api.FileState(v.State),
			Difference: Difference(d),
		}
		if err := b.addOtherPath(log, &item, s.path, v.Move); err != nil {
			return h, err
		}
		items = append(items, item)

		if file == nil && v.State == change.Present {
			if file, err = log.Text(*v); err != nil {
				return h, fmt.Errorf("%s in commit %s: %w", s.path, c.ID, err)
			}
		}
	}

	return api.NewHistory(s.links(b.links), items, file), nil
}

// addOtherPath adds the other end of a move, nil for none, to a version of a file.
func (b *builder) addOtherPath(log *change.Log, v *api.FileVersion, path string, m *change.Move) error {
	if m == nil {
		return nil
	}

	other, rel := m.Other(path)
	end := &api.OtherPath{Path: other.Path()}
	switch api.LinkRelation(rel) {
	case api.RelMovedFrom:
		d, err := log.Delta(m.Delta())
		if err != nil {
			return fmt.Errorf("what the move from %s to %s changed: %w", m.From.GitPath, path, err)
		}
		end.Difference, v.MovedFrom = Difference(d), end
	case api.RelMovedTo:
		v.MovedTo = end
	case api.RelReplaces:
		v.Replaces = end
	case api.RelReplacedBy:
		v.ReplacedBy = end
	}

	v.Links = []api.Link{b.links.HistoryOf(api.LinkRelation(rel), other.Kind, other.Args()...)}
	return nil
}
