package publish

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/tree"
)

// addLinks records what a file links to. Most links are on many pages, so each is kept
// once, with the first file, by name, that has it.
func (s *staging) addLinks(f tree.File) {
	if s.opts.Target == nil {
		return
	}
	for _, link := range f.Links {
		if s.isOwn(f.Path, link) {
			continue
		}
		if from, ok := s.links[link]; !ok || f.Path < from {
			s.links[link] = f.Path
		}
	}
}

// isOwn reports whether a link points to the file that has it, as half of all links do.
func (s *staging) isOwn(file, link string) bool {
	base, ok := strings.CutSuffix(link, strings.TrimSuffix(file, path.Ext(file)))
	if !ok {
		return false
	}

	isBase, known := s.bases[base]
	if !known {
		isBase = s.opts.Target(link) == file
		s.bases[base] = isBase
	}

	return isBase
}

// checkLinks checks that every link points to a file of the release.
func (s *staging) checkLinks(m *tree.Manifest) error {
	var broken []string
	for link, from := range s.links {
		if target := s.opts.Target(link); target != "" && m.Lookup(target) == nil {
			broken = append(broken, fmt.Sprintf("%s links to %s", from, target))
		}
	}

	if len(broken) == 0 {
		return nil
	}

	slices.Sort(broken)
	more := ""
	if n := len(broken); n > 1 {
		more = fmt.Sprintf(" (%d such links)", n)
	}

	return fmt.Errorf("check the release: %s, which does not exist%s", broken[0], more)
}
