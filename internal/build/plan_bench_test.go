package build_test

import (
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// BenchmarkPlan yields all files of a site, and renders none: what a build costs whose
// files are all there.
func BenchmarkPlan(b *testing.B) {
	for name, open := range map[string]func(testing.TB, string) (*gitrepo.Repo, bool){
		"chameleon": treetest.RealFlavors, "grid5000": treetest.Grid5000,
	} {
		b.Run(name, func(b *testing.B) {
			repo, ok := open(b, "../..")
			if !ok {
				b.SkipNow()
			}

			in := treetest.Input(b, repo, "", build.Options{})
			b.ReportAllocs()
			for b.Loop() {
				files := 0
				for _, err := range build.Files(in) {
					if err != nil {
						b.Fatal(err)
					}
					files++
				}
				b.ReportMetric(float64(files), "files")
			}
		})
	}
}
