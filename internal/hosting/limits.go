package hosting

import (
	"fmt"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// Check reports what of a release the host would not take, so that it is known before the
// upload. A number of files other than 0 is that of the operator's plan.
func (h Host) Check(m *tree.Manifest, files int) error {
	limit := h.Limits
	if files > 0 {
		limit.Files = files
	}

	count, size := 1+len(m.Parts), int64(0) // the manifest
	for e := range m.Files() {
		count += e.Count()
		size += e.Size
		if limit.FileSize > 0 && e.Size > limit.FileSize {
			return h.refuse(fmt.Errorf("%s has %d MiB, and %s takes files of at most %d MiB", e.Path,
				e.Size/mib, h.Title, limit.FileSize/mib))
		}
	}

	switch {
	case limit.Files > 0 && count > limit.Files:
		return h.refuse(fmt.Errorf("the release has %d files, and %s takes at most %d", count, h.Title, limit.Files))
	case limit.SiteSize > 0 && size > limit.SiteSize:
		return h.refuse(fmt.Errorf("the release has %d MB, and %s takes at most %d MB", size/1e6, h.Title,
			limit.SiteSize/1e6))
	}

	return nil
}

func (h Host) refuse(err error) error {
	return hint.Wrap(err, "publish the documentation alone there (--only docs,openapi), or all on another host; "+
		"if your plan takes more files, set publish.host_max_files")
}
