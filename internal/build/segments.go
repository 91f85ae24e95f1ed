package build

import (
	"strings"

	"github.com/chameleoncloud/refapi/internal/past"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// SegmentPart is the part of a release that has what is known of segments of the history.
const SegmentPart = past.TreeDir

const changesSuffix = ".changes"

// segments yields the rows of changes of each segment, for the next build. They depend on
// the segment alone. But a release has only the newest segments, so they are not in the
// store of immutable files.
func (b *builder) segments() {
	for _, s := range b.History.Segments() {
		path := SegmentPart + "/" + s.Name() + changesSuffix
		b.emitBody(tree.File{
			Path:        path,
			Class:       tree.OfPath,
			Fingerprint: b.fingerprint(path),
			Time:        b.times.Modified(s.Last),
		}, func() ([]byte, error) {
			log, err := b.Changes()
			if err != nil {
				return nil, err
			}
			return log.Rows(s.Commits), nil
		})
	}
}

// HasChanges reports whether a file of an earlier release has the rows of changes of a
// segment, as they are in every history with these commits: what else crosses them is as
// in the input.
func HasChanges(in Input, e *tree.Entry) bool {
	b := builder{seed: seedOf(&in)}
	return strings.HasSuffix(e.Path, changesSuffix) && e.Fingerprint == b.fingerprint(e.Path)
}
